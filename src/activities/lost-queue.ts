import type { WorkflowHandle } from '@temporalio/client';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { jsonBytes } from '../manifest/size.ts';
import { decodePayload, type RecordedSignal } from '../protocol/index.ts';
import { asList, asRecord, asText } from '../validation/unknown-data.ts';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];
type Input = { readonly payloads?: readonly Payload[] | null } | null | undefined;

/** Names of signals of a queue. */
export interface QueueSignals {
  /** By which it is asked for a place. */
  readonly asks: string;
  /** By which it grants one. */
  readonly grants: string;
}

/** Bytes of JSON: Temporal takes 2 MiB as the input of a workflow. */
const LIMIT = 2_000_000;

/**
 * What a queue whose run was lost is started with: the input of that run, and the signals that it received and the
 * places that it granted since. From the events only, because a run may be lost that no worker can replay. Without the
 * waiting requests where Temporal does not take all; these ask again.
 *
 * @returns undefined where Temporal does not take what is held either
 */
export async function lostQueueOf(
  events: readonly HistoryEvent[],
  { asks, grants }: QueueSignals,
  converter: LoadedDataConverter,
): Promise<object | undefined> {
  const [start] = events;
  const input = await argsOf(converter, start?.workflowExecutionStartedEventAttributes?.input);
  // The timings are those of the worker that starts it again.
  const { timings: _, signals: before, ...carried } = asRecord(input[1]);
  const signals = asList(before).filter((each): each is RecordedSignal => holderOf(each) !== undefined);
  for (const event of events) {
    const received = event.workflowExecutionSignaledEventAttributes;
    const sent = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
    const name = received?.signalName ?? sent?.signalName;
    if (name == null || (sent != null && name !== grants)) continue;
    const signal = { name, args: await argsOf(converter, (received ?? sent)?.input) };
    // A pool's queue also reports to waiting applications where they are in it.
    if (holderOf(signal) === undefined || (sent != null && asRecord(signal.args[0])['place'] !== undefined)) continue;
    signals.push(signal);
  }
  const granted = new Set(signals.filter(({ name }) => name === grants).map(holderOf));
  const whole = { ...carried, signals };
  const held = {
    ...{ ...carried, waiting: [] },
    signals: signals.filter((signal) => signal.name !== asks || granted.has(holderOf(signal))),
  };
  return [whole, held].find((each) => jsonBytes(each) <= LIMIT);
}

function holderOf(signal: unknown): string | undefined {
  return asText(asRecord(asList(asRecord(signal)['args'])[0])['holder']);
}

/** Any client can send anything: none where it cannot be read. */
async function argsOf(converter: LoadedDataConverter, input: Input): Promise<unknown[]> {
  try {
    return await Promise.all((input?.payloads ?? []).map((payload) => decodePayload<unknown>(converter, payload)));
  } catch {
    return [];
  }
}
