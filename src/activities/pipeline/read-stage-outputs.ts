import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import { StageReason, type StageOutputsInput } from '../../protocol/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { withFailures } from '../failure.ts';

/** Outputs go into the histories of all who use them. */
const MAX_BYTES = 65_536;

/** Outputs that are missing or too large. Not retryable: the driver has ended. */
class StageOutputError extends Error {
  override readonly name = 'StageOutputError';
  readonly type: typeof StageReason.MissingOutput | typeof StageReason.OutputTooLarge;
  readonly retryable = false;

  constructor(type: StageOutputError['type'], message: string) {
    super(message);
    this.type = type;
  }
}

/**
 * The outputs that a stage's driver left in the ConfigMap of its application's id, as text; one that is not there is
 * absent.
 */
export async function readStageOutputs(
  kubernetes: KubernetesClient,
  { namespace, sparkApplicationId, names }: StageOutputsInput,
  timings: Timings = DEFAULT_TIMINGS,
): Promise<Record<string, string>> {
  return withFailures(async () => {
    const name = `${sparkApplicationId}-outputs`;
    const { cancellationSignal: signal } = Context.current();
    const configMap = await kubernetes.get(Resources.configMaps, namespace, name, { signal });
    if (configMap === undefined) {
      throw new StageOutputError(
        StageReason.MissingOutput,
        `The ConfigMap ${namespace}/${name} with the outputs does not exist; the driver must create it before it exits.`,
      );
    }
    const { data = {} } = configMap;
    const given = Object.fromEntries(names.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])));
    const bytes = Buffer.byteLength(Object.values(given).join(''));
    if (bytes > MAX_BYTES) {
      throw new StageOutputError(
        StageReason.OutputTooLarge,
        `The outputs in the ConfigMap ${namespace}/${name} are ${bytes} bytes; the limit is ${MAX_BYTES}. Write them to a file and output its path.`,
      );
    }
    return given;
  }, timings);
}
