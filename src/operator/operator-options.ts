/** Which resources are served. */
export interface ServedResources {
  /** Names of namespaces. @default all that `namespaceSelector` matches */
  readonly namespaces?: readonly string[];
  /** Label selector of namespaces; those labelled later are served, too. @default all namespaces */
  readonly namespaceSelector?: string;
  /** Label selector of resources. @default all resources */
  readonly selector?: string;
}

export interface OperatorOptions extends ServedResources {
  /** Of the workers. */
  readonly taskQueue: string;
  /** Resources that are reconciled at once. @default 50 */
  readonly concurrency?: number;
  /** Milliseconds between two comparisons of all resources with Temporal. @default 60000; of schedules 300000 */
  readonly resyncMs?: number;
  /** Milliseconds until a resource is reconciled again after a failure; doubles with each. @default 500 to 60000 */
  readonly backoff?: { readonly initialMs: number; readonly maximumMs: number };
  readonly log?: OperatorLog;
}

/** Writes a line with facts. */
export type OperatorLog = (
  level: 'INFO' | 'WARN' | 'ERROR',
  message: string,
  facts: Readonly<Record<string, unknown>>,
) => void;

export const DEFAULT_OPERATOR_OPTIONS: Required<Pick<OperatorOptions, 'concurrency' | 'resyncMs' | 'backoff' | 'log'>> =
  { concurrency: 50, resyncMs: 60_000, backoff: { initialMs: 500, maximumMs: 60_000 }, log: () => {} };
