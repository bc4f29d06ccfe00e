/** What the runs of a scenario have around them, whatever is broken besides. */
export interface Setting {
  /** @default native */
  readonly submitter?: SlowSubmitter;
  /** How long a stand-in for Spark's client takes. @default 4000 */
  readonly clientMs?: number;
  /** Short activities at once in the worker. @default that of the worker */
  readonly slots?: number;
  /** Applications of others that the worker waits for all the time. @default 0 */
  readonly waits?: number;
  /** A tenant that sends the worst manifests and messages to the same workers all the time. @default false */
  readonly hostileTenant?: boolean;
  /** Whose clock is wrong, and by how much. @default none */
  readonly clocks?: Clocks;
  /** Annotations of drivers. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Applications are resources, as `kubectl apply` creates them, and these serve them. @default started by the SDK */
  readonly resources?: Servers;
}

/** Who serves resources. */
export const Servers = {
  Worker: 'the worker',
  /** `temporal-spark operator`, next to a worker that serves none. */
  Operator: 'an operator',
  /** Both, as two replicas. */
  Both: 'two replicas',
} as const;
export type Servers = (typeof Servers)[keyof typeof Servers];

export const SlowSubmitter = {
  /** `spark-submit` of the worker's machine, with a slow stand-in for its JVM. */
  Client: 'spark-submit',
  /** `spark-submit` with the real JVM. */
  Jvm: 'spark-submit with a JVM',
  /** A Job, whose pod runs as processes of this machine, with the same stand-in. */
  Job: 'spark-submit-job',
} as const;
export type SlowSubmitter = (typeof SlowSubmitter)[keyof typeof SlowSubmitter];

/** How many milliseconds the clock of a party is ahead, as the worker sees it. Temporal's is the one that is right. */
export interface Clocks {
  readonly worker: number;
  readonly apiServer: number;
  /** The kubelets'. */
  readonly nodes: number;
}

const TEN_MINUTES = 600_000;

/** Each party ten minutes ahead of all others, and ten behind. */
export const SKEWED_CLOCKS: Readonly<Record<string, Clocks>> = Object.fromEntries(
  ([1, -1] as const).flatMap((sign) => {
    const [right, by] = [0, sign * TEN_MINUTES];
    const how = sign === 1 ? 'ahead' : 'behind';
    return [
      [`clock of the worker ${how}`, { worker: by, apiServer: right, nodes: right }],
      [`clock of the API server ${how}`, { worker: right, apiServer: by, nodes: right }],
      [`clock of the nodes ${how}`, { worker: right, apiServer: right, nodes: by }],
      // The same as all others the other way.
      [`clock of Temporal ${how}`, { worker: -by, apiServer: -by, nodes: -by }],
    ];
  }),
);
