import { utf8ToBytes } from '@noble/hashes/utils.js';
import { ChildWorkflowFailure } from '@temporalio/workflow';
import { OutputSource } from '../../manifest/pipeline/types.ts';
import { isOfType, type ValueType } from '../../manifest/pipeline/value-type.ts';
import type { PipelineStage } from '../../manifest/index.ts';
import {
  failedOutcome,
  SPARK_APPLICATION_FAILED,
  StageReason,
  type ChildOutcome,
  type SparkApplicationResult,
} from '../../protocol/index.ts';
import { asRecord, asText } from '../../validation/unknown-data.ts';

/** The end of a try of a stage. */
export type TryOutcome =
  | { readonly status: 'succeeded'; readonly outputs?: Readonly<Record<string, unknown>> }
  | { readonly status: 'cancelled' }
  | { readonly status: 'failed'; readonly reason: string; readonly message: string; readonly permanent?: boolean };

/** Longest termination message that Kubernetes keeps, in bytes: what reaches it was cut. */
const TERMINATION_MESSAGE_LIMIT = 4096;

/** The end of a child, by the error that its parent receives. */
export function childOutcome(error: unknown): ChildOutcome {
  return failedOutcome(error instanceof ChildWorkflowFailure ? error.cause : error);
}

/**
 * The end of a try: its outputs are read, and must be those that the stage declares.
 *
 * @param texts what the driver left in a ConfigMap, where the stage's outputs come from one
 */
export function tryOutcome(
  stage: PipelineStage,
  outcome: ChildOutcome,
  texts?: Readonly<Record<string, string>>,
): TryOutcome {
  if (outcome.status === 'cancelled') return outcome;
  if (outcome.status === 'failed') {
    const { reason, message, detail } = outcome;
    // The reason of the driver is more specific than the type of the failure. A user's workflow can fail as an application.
    const result = asRecord(reason === SPARK_APPLICATION_FAILED ? detail : undefined);
    const [why, cause] = [asText(result['reason']), asText(asRecord(result['failure'])['cause'])];
    return { status: 'failed', reason: why ?? reason, message: cause ?? message };
  }
  if (stage.pipeline !== undefined) {
    return { status: 'succeeded', outputs: (outcome.result as { outputs?: Record<string, unknown> }).outputs ?? {} };
  }
  const { outputs: declared } = stage;
  if (declared === undefined) return { status: 'succeeded' };
  const given = texts === undefined ? outputsOf(stage, outcome.result) : outputsIn(texts, declared);
  if ('fault' in given) return { status: 'failed', permanent: true, ...given.fault };
  const missing = Object.keys(declared).filter((name) => given.values[name] === undefined);
  if (missing.length > 0) {
    return {
      status: 'failed',
      permanent: true,
      reason: StageReason.MissingOutput,
      message: `Missing declared outputs: ${missing.join(', ')}. ${howTo(stage)}`,
    };
  }
  const wrong = Object.entries(declared).filter(([name, type]) => !isOfType(given.values[name], type));
  if (wrong.length > 0) {
    const what = wrong.map(
      ([name, type]) => `${name} must be ${type}, not ${JSON.stringify(given.values[name])?.slice(0, 80)}`,
    );
    return { status: 'failed', permanent: true, reason: StageReason.WrongOutputType, message: what.join('; ') };
  }
  return {
    status: 'succeeded',
    outputs: Object.fromEntries(Object.keys(declared).map((name) => [name, given.values[name]])),
  };
}

type Given =
  | { readonly values: Record<string, unknown> }
  | { readonly fault: { readonly reason: string; readonly message: string } };

function outputsOf(stage: PipelineStage, result: unknown): Given {
  if (stage.workflow !== undefined || stage.activity !== undefined) return { values: asValues(result) };
  const { message = '' } = (result ?? {}) as Partial<SparkApplicationResult>;
  try {
    return { values: asValues(message.trim() === '' ? {} : JSON.parse(message)) };
  } catch {
    // A character may have been cut in two.
    const cut = utf8ToBytes(message).length > TERMINATION_MESSAGE_LIMIT - 4;
    return {
      fault: cut
        ? {
            reason: StageReason.OutputTooLarge,
            message: `The outputs are longer than the ${TERMINATION_MESSAGE_LIMIT} bytes that Kubernetes keeps of /dev/termination-log. Write them to a file and output its path.`,
          }
        : {
            reason: StageReason.UnreadableOutput,
            message: `/dev/termination-log is not JSON: ${JSON.stringify(message.slice(0, 80))}. ${howTo(stage)}`,
          },
    };
  }
}

/** Texts are themselves; anything else is JSON. */
function outputsIn(texts: Readonly<Record<string, string>>, declared: Readonly<Record<string, ValueType>>): Given {
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    try {
      values[name] = declared[name] === 'string' ? text : JSON.parse(text);
    } catch {
      const message = `The key ${name} of the ConfigMap is not JSON: ${JSON.stringify(text.slice(0, 80))}.`;
      return { fault: { reason: StageReason.UnreadableOutput, message } };
    }
  }
  return { values };
}

function asValues(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function howTo({ workflow, activity, outputsFrom }: PipelineStage): string {
  if (workflow !== undefined || activity !== undefined) return 'Outputs are the fields of the object it returns.';
  if (outputsFrom === OutputSource.ConfigMap) return 'Each output is a key of the ConfigMap that the driver makes.';
  return 'A driver gives outputs by writing a JSON object to /dev/termination-log before it ends.';
}
