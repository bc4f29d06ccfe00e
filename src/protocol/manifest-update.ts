import type { SparkApplication, SparkApplicationManifest } from '../manifest/index.ts';

export interface ManifestUpdate {
  readonly current: SparkApplicationManifest;
  readonly proposed: SparkApplicationManifest;
}

/** What the new manifest means for a run that is under way. */
export const UpdateEffect = {
  /** Nothing differs. */
  None: 'none',
  /** Only what needs no other driver differs: suspend, the time to live, metadata. */
  InPlace: 'in-place',
  /** The driver has to be replaced, and counting begins anew. */
  Rerun: 'rerun',
} as const;
export type UpdateEffect = (typeof UpdateEffect)[keyof typeof UpdateEffect];

export interface CheckedUpdate {
  readonly manifest: SparkApplication;
  readonly effect: UpdateEffect;
}
