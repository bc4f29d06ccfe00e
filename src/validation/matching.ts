type Labels = Readonly<Record<string, string>>;

/** Which applications a rule is for. */
export interface ApplicationMatch {
  /** @default all */
  readonly namespaces?: readonly string[];
  /** All of them. @default any */
  readonly labels?: Labels;
}

/** Whether a rule is for the application with this metadata. */
export function isFor(
  { namespaces, labels = {} }: ApplicationMatch,
  metadata: { readonly namespace: string; readonly labels: Labels },
): boolean {
  return (namespaces?.includes(metadata.namespace) ?? true) && hasLabels(metadata.labels, labels);
}

/** Whether an object with these labels has all those that are wanted. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
