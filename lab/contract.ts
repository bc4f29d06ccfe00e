/** An embedded environment as its users see it: the demo, the tests and the benchmarks. */

/** `simulated`: API server and made-up nodes. `real`: containers really run. `existing`: a cluster of the user. */
export const LabMode = { Simulated: 'simulated', Real: 'real', Existing: 'existing' } as const;
export type LabMode = (typeof LabMode)[keyof typeof LabMode];

export interface LabOptions {
  readonly mode: LabMode;
  /** A Temporal dev server with its UI. @default true */
  readonly temporal?: boolean;
  /** Keep Temporal's state in a file of the lab, so that the server can be killed and started again. @default false */
  readonly persistTemporal?: boolean;
  /** Limits and switches of Temporal's server by their names, such as `limit.historyCount.suggestContinueAsNew`. */
  readonly temporalDynamicConfig?: Readonly<Record<string, number | boolean | string>>;
  /** Node names of a simulated cluster, or how many; labels and taints by name with `NodeSpec`. @default 3 */
  readonly nodes?: number | readonly NodeSpec[];
  /** kubeconfig and context of an existing cluster. @default KUBECONFIG and its current context */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Spark versions whose image a real lab holds, ready to be run. @default ["4.1.4"] */
  readonly sparkVersions?: readonly string[];
  /** Keep an audit log of every request the API server saw. @default false */
  readonly audit?: boolean;
  /** Called with each step as it begins and ends. */
  readonly onProgress?: (progress: LabProgress) => void;
  readonly signal?: AbortSignal;
}

export interface NodeSpec {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { key: string; value?: string; effect: string }[];
  readonly cpu?: string;
  readonly memory?: string;
}

export interface LabProgress {
  readonly step: string;
  readonly status: 'started' | 'done' | 'failed';
  /** Milliseconds since the step began. */
  readonly elapsedMs: number;
  readonly detail?: string;
}

export interface Lab {
  readonly mode: LabMode;
  /** Everything of this lab lies here: logs, data, credentials. */
  readonly directory: string;
  readonly kubeconfig: string;
  readonly temporal?: { readonly address: string; readonly namespace: string; readonly uiUrl?: string };
  /** Image reference to put in a manifest, by Spark version (`real`). */
  readonly sparkImages: Readonly<Record<string, string>>;
  /** The API server's audit log, one JSON object a line. */
  readonly auditLog?: string;
  /** The parts, to be killed and started again by tests of failure. */
  readonly components: Readonly<Record<string, LabComponent>>;
  /** Stops everything; safe to call twice. */
  stop(): Promise<void>;
}

export interface LabComponent {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number | undefined;
  /** Sends the signal and waits until the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same data, address and arguments; resolves when it is ready. */
  start(): Promise<void>;
}
