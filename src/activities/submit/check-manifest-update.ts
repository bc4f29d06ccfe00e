import { isDeepStrictEqual } from 'node:util';
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
    const same = isDeepStrictEqual(manifest, before);
    return { manifest, effect: same ? UpdateEffect.None : UpdateEffect.InPlace };
  });
}

function rerunning({ spec }: SparkApplication): unknown {
  const { suspend: _suspend, timeToLiveSeconds: _timeToLiveSeconds, ...rest } = spec;
  return rest;
}
