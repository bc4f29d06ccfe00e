import { ApplicationRefused, type RefusedField } from '../validation/application-refused.ts';
import { ConfigurationError } from '../validation/configuration-error.ts';
import type { ManifestProblem } from '../validation/problem.ts';
import { FailureType } from '../protocol/failure-type.ts';

/** A placement configuration that cannot be used, with all its problems. Not retryable. */
export class PlacementConfigurationError extends ConfigurationError {
  override readonly name = 'PlacementConfigurationError';
  readonly type = 'InvalidPlacementConfiguration';

  constructor(problems: readonly ManifestProblem[]) {
    super('The placement configuration', problems);
  }
}

/** Why an application cannot be placed. */
export const PlacementRefusal = {
  /** It requests an unknown profile. */
  UnknownProfile: 'UnknownProfile',
  /** Its own constraints, or the cluster's nodes, would put it on the control plane. */
  ControlPlane: 'ControlPlane',
  /** The profile is an exception, and the cluster is not what the exception is for. */
  ExceptionNotMet: 'ExceptionNotMet',
  /** Its own constraints and the pool's exclude each other. */
  ContradictsPool: 'ContradictsPool',
} as const;
export type PlacementRefusal = (typeof PlacementRefusal)[keyof typeof PlacementRefusal];

/** An application that must not, or cannot, run where its manifest or its profile requires. Not retryable. */
export class PlacementRefused extends ApplicationRefused {
  override readonly name = 'PlacementRefused';
  readonly type = FailureType.PlacementRefused;
  readonly reason: PlacementRefusal;

  constructor(reason: PlacementRefusal, message: string, fields: readonly RefusedField[] = []) {
    super(message, fields);
    this.reason = reason;
  }
}
