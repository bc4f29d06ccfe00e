import { FailureType } from '../protocol/failure-type.ts';

/** Why no cluster could be had. */
export const ClusterErrorType = {
  /** The application names a cluster that this worker does not know. Not retryable. */
  UnknownCluster: FailureType.UnknownCluster,
  /** A history names a cluster that this worker does not know (any more). Retryable: another worker may. */
  ClusterNotConfigured: 'ClusterNotConfigured',
  /** None of those that will do can be reached. Retryable. */
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
