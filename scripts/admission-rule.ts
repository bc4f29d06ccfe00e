type Spec = Readonly<Record<string, unknown>>;

/** One of `spec.validations` of a ValidatingAdmissionPolicy. */
export interface AdmissionRule {
  readonly expression: string;
  readonly message: string;
  /** The same with the value that was found. */
  readonly messageExpression?: string;
}

/** A condition, and a manifest that does not meet it: the rule has the words of `validate` about that. */
export interface ConditionByExample {
  readonly condition: string;
  /** What of the spec of the manifest differs from a valid one. */
  readonly example: Spec;
  /** What of its metadata does. @default nothing */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Texts of the example that the words have, and CEL of what they have instead. @default none */
  readonly found?: Readonly<Record<string, string>>;
}
