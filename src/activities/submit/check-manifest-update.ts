import { isDeepStrictEqual } from 'node:util';
import { withSizes } from '../../manifest/defaults.ts';
import { parseSparkApplication, type SparkApplication } from '../../manifest/index.ts';
import { UpdateEffect, type CheckedUpdate, type ManifestUpdate } from '../../protocol/index.ts';
import { withFailures } from '../failure.ts';

/**
 * Checks a manifest before it replaces that of a run, and returns its effect, by the operator's rule: every change of
 * the spec but those of `suspend` and `timeToLiveSeconds` restarts the application.
 *
 * @throws ApplicationFailure `InvalidManifest` with every problem; not retryable
 */
export async function checkManifestUpdate({ current, proposed }: ManifestUpdate): Promise<CheckedUpdate> {
  return withFailures(async () => {
    const manifest = parseSparkApplication(proposed);
    const before = parseSparkApplication(current);
    if (!isDeepStrictEqual(rerunning(manifest), rerunning(before))) return { manifest, effect: UpdateEffect.Rerun };
    const same = isDeepStrictEqual(sized(manifest), sized(before));
    return { manifest, effect: same ? UpdateEffect.None : UpdateEffect.InPlace };
  });
}

/** Clients from before 0.2 filled the sizes in. */
const sized = (application: SparkApplication): SparkApplication => ({
  ...application,
  spec: withSizes(application.spec),
});

function rerunning(application: SparkApplication): unknown {
  const { suspend: _suspend, timeToLiveSeconds: _timeToLiveSeconds, ...rest } = sized(application).spec;
  return rest;
}
