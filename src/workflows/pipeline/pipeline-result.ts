import { render } from '../../manifest/pipeline/template.ts';
import { bytesText, CARRIED_LIMIT, jsonBytes } from '../../manifest/pipeline/size.ts';
import { isOfType } from '../../manifest/pipeline/value-type.ts';
import { PipelineState, StageState, type SparkPipelineResult } from '../../protocol/index.ts';
import { messageOf, type RunState } from './ledger.ts';
import { stageStatus } from './stage-record.ts';
import { Stop } from './stop.ts';

const MAX_UNSUCCESSFUL = 100;
/** What a result holds beside its outputs, at most. */
const RESULT_BYTES = 400_000;

/** How a run ended, its outputs, and why it did not complete. */
export interface Conclusion {
  readonly state: SparkPipelineResult['state'];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Empty where it completed. */
  readonly why: string;
}

/** What the ends of its stages make of a run. */
export function conclusionOf(run: RunState): Conclusion {
  const { order, records, stopped, manifest } = run;
  if (stopped === Stop.Cancelled) return { state: PipelineState.Cancelled, outputs: {}, why: 'it was cancelled' };
  if (stopped === Stop.TimedOut) {
    const why = `it took longer than ${manifest.spec.timeoutSeconds} s`;
    return { state: PipelineState.Failed, outputs: {}, why };
  }
  const unsuccessful = order.filter(({ name, allowFailure }) => {
    const { state } = records[name]!;
    return allowFailure !== true && (state === StageState.Failed || state === StageState.Cancelled);
  });
  if (unsuccessful.length > 0) {
    const reasons = unsuccessful.map(({ name }) => `${name} (${records[name]!.reason})`);
    return { state: PipelineState.Failed, outputs: {}, why: reasons.slice(0, 5).join(', ') };
  }
  try {
    return { state: PipelineState.Completed, outputs: outputsOf(run), why: '' };
  } catch (error) {
    return { state: PipelineState.Failed, outputs: {}, why: messageOf(error) };
  }
}

/** What the run returns, or fails with. */
export function resultOf(run: RunState, { state, outputs }: Conclusion, finishedAt: string): SparkPipelineResult {
  const { manifest, records, startedAt } = run;
  const { name, namespace } = manifest.metadata;
  const stages = manifest.spec.stages.map((stage) => stageStatus(stage.name, records[stage.name]!));
  const counts: Partial<Record<StageState, number>> = {};
  for (const stage of stages) counts[stage.state] = (counts[stage.state] ?? 0) + 1;
  return {
    state,
    namespace,
    name,
    run: run.run,
    outputs,
    counts,
    unsuccessful: stages
      .filter((stage) => stage.state !== StageState.Succeeded)
      .slice(0, MAX_UNSUCCESSFUL)
      .map(({ name, state, reason, message }) => ({
        name,
        state,
        ...(reason === undefined ? {} : { reason }),
        ...(message === undefined ? {} : { message }),
      })),
    startedAt,
    finishedAt,
  };
}

function outputsOf({ manifest, scope }: RunState): Record<string, unknown> {
  const evaluate = scope.evaluator();
  const outputs = Object.fromEntries(
    Object.entries(manifest.spec.outputs ?? {}).map(([name, { type, value }]) => {
      const given = render(value, evaluate);
      if (!isOfType(given, type)) throw new Error(`the output ${name} must be ${type}, not ${JSON.stringify(given)}`);
      return [name, given];
    }),
  );
  const bytes = jsonBytes(outputs);
  if (bytes > CARRIED_LIMIT - RESULT_BYTES) throw new Error(`its outputs take ${bytesText(bytes)}, which is too much`);
  return outputs;
}
