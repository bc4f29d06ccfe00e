import { formats } from '../validation/formats.ts';
import { asRecord, asText } from '../validation/unknown-data.ts';

/** At most so many labels of applications become labels of metrics. */
export const METRIC_LABELS_AT_MOST = 10;
/** And at most so many combinations of their values in a process: Prometheus keeps a series of each metric for each. */
const COMBINATIONS_AT_MOST = 1_000;

/** The operator's, for an application without the label, or without a valid value of it. */
const UNKNOWN = 'Unknown';
/** For the combinations that are too many. */
const OTHER = 'Other';
/** The namespace of the application, unless it has a label of that name. */
const NAMESPACE = 'namespace';
const LABEL_VALUE = formats['label-value'].pattern;
/** Of Temporal's runtime and of Prometheus. */
const RESERVED: ReadonlySet<string> = new Set(['service_name', 'le', 'job', 'instance']);

/**
 * Labels of applications as labels of their metrics, as the operator's `-metrics-labels`: characters that Prometheus does
 * not allow become `_`.
 */
export class MetricLabels {
  /** Of the metrics, by label of applications. */
  readonly names: readonly (readonly [label: string, name: string])[];
  private readonly seen = new Set<string>();

  /** @throws RangeError with every problem */
  constructor(labels: readonly string[]) {
    const problems = problemsOfMetricLabels(labels);
    if (problems.length > 0) throw new RangeError(`The labels of metrics are not valid: ${problems.join('; ')}`);
    this.names = labels.map((label) => [label, nameOf(label)] as const);
  }

  /** @param labels of the application, which may not have been checked */
  of(namespace: string, labels: unknown): Record<string, string> {
    const entries = this.names.map(([label, name]) => {
      const found = asRecord(labels);
      const own = Object.hasOwn(found, label) ? asText(found[label]) : undefined;
      const value = own ?? (label === NAMESPACE ? namespace : UNKNOWN);
      // What Kubernetes refuses may be of any length.
      return [name, LABEL_VALUE.test(value) ? value : UNKNOWN] as const;
    });
    const key = JSON.stringify(entries);
    if (!this.seen.has(key) && this.seen.size >= COMBINATIONS_AT_MOST) {
      return Object.fromEntries(this.names.map(([, name]) => [name, OTHER]));
    }
    this.seen.add(key);
    return Object.fromEntries(entries);
  }
}

/** Why these labels cannot be used; none where they can. */
export function problemsOfMetricLabels(labels: readonly string[]): string[] {
  const names = labels.map(nameOf);
  return [
    ...(labels.length > METRIC_LABELS_AT_MOST
      ? [`${labels.length} labels; the limit is ${METRIC_LABELS_AT_MOST}`]
      : []),
    ...labels.flatMap((label, index) => {
      const name = names[index]!;
      if (!/^[a-zA-Z_]\w*$/.test(name) || name.startsWith('__'))
        return [`"${label}" is not a name of a metric's label`];
      if (RESERVED.has(name)) return [`"${label}" is a label that Prometheus or Temporal sets`];
      const first = names.indexOf(name);
      return first < index ? [`"${labels[first]}" and "${label}" are both ${name}`] : [];
    }),
  ];
}

const nameOf = (label: string): string => label.replaceAll(/[^a-zA-Z0-9_]/g, '_');
