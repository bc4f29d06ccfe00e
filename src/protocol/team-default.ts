/** A value that an attempt got from the defaults of its worker, where its manifest has none. */
export interface TeamDefault {
  /** Name of the rule. */
  readonly rule: string;
  /** Where it stands in the manifest: `['spec', 'image']`. */
  readonly path: readonly string[];
  readonly value: string | number;
}
