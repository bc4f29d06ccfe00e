import { refuseWithoutImage, withDefaults, type TeamDefaults } from '../../defaults/index.ts';
import type { SparkApplication } from '../../manifest/index.ts';
import type { SubmitInput, TeamDefault } from '../../protocol/index.ts';
import { Annotation } from '../../spark/metadata.ts';

/**
 * The application of an attempt with the defaults that were decided for it, and its identity, which has the time to live
 * of the driver: the workflow knows only that of the manifest.
 *
 * @throws ManifestError where a default does not go with the manifest; SubmissionRefused where the result has no image
 */
export function completeAttempt(
  own: SparkApplication,
  decided: readonly TeamDefault[],
  { identity, defaults }: { readonly identity: SubmitInput['identity']; readonly defaults: TeamDefaults | undefined },
): { readonly application: SparkApplication; readonly identity: SubmitInput['identity'] } {
  const application = withDefaults(own, decided);
  refuseWithoutImage(application, defaults);
  const { timeToLiveSeconds } = application.spec;
  if (timeToLiveSeconds === own.spec.timeToLiveSeconds) return { application, identity };
  const annotations = { ...identity.annotations, [Annotation.TimeToLiveSeconds]: String(timeToLiveSeconds) };
  return { application, identity: { ...identity, annotations } };
}
