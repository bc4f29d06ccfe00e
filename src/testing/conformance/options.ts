import type { KubernetesClient } from '../../kubernetes/index.ts';
import type { SparkApplicationSubmitter } from '../../submitters/index.ts';

export interface ConformanceOptions {
  /** Makes the submitter under test; a new one stands for a restarted worker. */
  readonly submitter: () => SparkApplicationSubmitter;
  /** A real cluster. The suite removes what it creates there. */
  readonly kubernetes: KubernetesClient;
  /** Of the drivers; must have the service account `spark`. */
  readonly namespace: string;
  /** Image of the drivers; it need not run. @default "spark:4.1.4" */
  readonly image?: string;
  /** Milliseconds a submission may take. @default 10000 */
  readonly patienceMs?: number;
  /**
   * Whether it reaches the cluster only through the client it is given, and so can be made to crash at each call. A
   * submitter that runs another program is aborted at moments of its run instead. @default true
   */
  readonly usesClient?: boolean;
}
