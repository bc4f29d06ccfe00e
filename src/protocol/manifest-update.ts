import type { SparkApplication, SparkApplicationManifest } from '../manifest/index.ts';

export interface ManifestUpdate {
  readonly current: SparkApplicationManifest;
  readonly proposed: SparkApplicationManifest;
}

/** The effect of the new manifest on a running application. */
export const UpdateEffect = {
  /** Nothing differs. */
  None: 'none',
  /** Only fields that need no other driver differ: suspend, the time to live, metadata. */
  InPlace: 'in-place',
  /** The driver must be replaced, and the counters are reset. */
  Rerun: 'rerun',
} as const;
export type UpdateEffect = (typeof UpdateEffect)[keyof typeof UpdateEffect];

export interface CheckedUpdate {
  readonly manifest: SparkApplication;
  readonly effect: UpdateEffect;
}
