import { render } from '../../manifest/pipeline/template.ts';
import { bytesText, CARRIED_LIMIT, jsonBytes } from '../../manifest/size.ts';
import { isOfType } from '../../manifest/pipeline/value-type.ts';
import { describeStageReason, PipelineState, StageState, type SparkPipelineResult } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import type { Ledger } from './ledger.ts';
import type { Plan } from './plan.ts';
import type { StageRecord } from './stage-record.ts';
import { stageStatus } from './stage-status.ts';
import { Stop } from './stop.ts';
import { messageOf, shortened } from './texts.ts';

const MAX_UNSUCCESSFUL = 100;
/** Characters of the cause of a stage in the failure of the run. */
const WHY_LIMIT = 240;
/** The maximum size of a result without its outputs. */
const RESULT_BYTES = 400_000;

/** The end of a run, its outputs, and why it did not complete. */
export interface Conclusion {
  readonly state: SparkPipelineResult['state'];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Empty where it completed. */
  readonly why: string;
}

/** The end of a run, given the ends of its stages. */
export function conclusionOf(plan: Plan, ledger: Ledger, stopped: Stop | undefined): Conclusion {
  const { order, manifest } = plan;
  if (stopped === Stop.Cancelled) return { state: PipelineState.Cancelled, outputs: {}, why: 'it was cancelled' };
  if (stopped === Stop.TimedOut) {
    const why = `timed out after ${manifest.spec.timeoutSeconds} s`;
    return { state: PipelineState.Failed, outputs: {}, why };
  }
  const unsuccessful = order.filter(({ name, allowFailure }) => {
    const { state } = ledger.stage(name);
    return allowFailure !== true && (state === StageState.Failed || state === StageState.Cancelled);
  });
  if (unsuccessful.length > 0) {
    const reasons = unsuccessful.slice(0, 5).map(({ name }) => `${name} (${whyOf(ledger.stage(name))})`);
    return { state: PipelineState.Failed, outputs: {}, why: reasons.join(', ') };
  }
  try {
    return { state: PipelineState.Completed, outputs: outputsOf(plan, ledger), why: '' };
  } catch (error) {
    return { state: PipelineState.Failed, outputs: {}, why: messageOf(error) };
  }
}

const whyOf = ({ reason, message }: StageRecord): string =>
  shortened(describeStageReason(present({ reason, message })), WHY_LIMIT);

/** The result or the failure of the run. */
export function resultOf(
  { manifest, facts }: Plan,
  ledger: Ledger,
  { state, outputs }: Conclusion,
  finishedAt: string,
): SparkPipelineResult {
  const { name, namespace } = manifest.metadata;
  const stages = manifest.spec.stages.map((stage) => stageStatus(stage.name, ledger.stage(stage.name)));
  const counts: Partial<Record<StageState, number>> = {};
  for (const stage of stages) counts[stage.state] = (counts[stage.state] ?? 0) + 1;
  return {
    state,
    namespace,
    name,
    run: facts.run,
    outputs,
    counts,
    unsuccessful: stages
      .filter((stage) => stage.state !== StageState.Succeeded)
      .slice(0, MAX_UNSUCCESSFUL)
      .map(({ name, state, reason, message }) => ({
        name,
        state,
        ...present({ reason, message }),
      })),
    startedAt: facts.startedAt,
    finishedAt,
  };
}

function outputsOf({ manifest }: Plan, ledger: Ledger): Record<string, unknown> {
  const evaluate = ledger.evaluator();
  const outputs = Object.fromEntries(
    Object.entries(manifest.spec.outputs ?? {}).map(([name, { type, value }]) => {
      const given = render(value, evaluate);
      if (!isOfType(given, type)) throw new Error(`the output ${name} must be ${type}, not ${JSON.stringify(given)}`);
      return [name, given];
    }),
  );
  const bytes = jsonBytes(outputs);
  if (bytes > CARRIED_LIMIT - RESULT_BYTES)
    throw new Error(
      `the outputs of the pipeline take ${bytesText(bytes)}; the limit is ${bytesText(CARRIED_LIMIT - RESULT_BYTES)}`,
    );
  return outputs;
}
