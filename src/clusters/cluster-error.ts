import { FailureType } from '../protocol/failure-type.ts';

/** Why no cluster could be chosen. */
export const ClusterErrorType = {
  /** The application names a cluster that is not configured on this worker. Not retryable. */
  UnknownCluster: FailureType.UnknownCluster,
  /**
   * A history names a cluster that is not configured on this worker (any more). Retryable: another worker may have it.
   */
  ClusterNotConfigured: 'ClusterNotConfigured',
  /** No eligible cluster is reachable. Retryable. */
  NoClusterReachable: 'NoClusterReachable',
} as const;
export type ClusterErrorType = (typeof ClusterErrorType)[keyof typeof ClusterErrorType];

export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly type: ClusterErrorType;
  readonly retryable: boolean;

  constructor(type: ClusterErrorType, message: string) {
    super(message);
    this.type = type;
    this.retryable = type !== ClusterErrorType.UnknownCluster;
  }
}
