/** Messages that no one should send, for the handlers of any workflow. */
import fc from 'fast-check';
import type { SteppedWorkflow } from './stepped-workflow.ts';

export const Kind = { Signal: 'signal', Update: 'update', Query: 'query' } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** A handler of a workflow. */
export interface Handler {
  readonly kind: Kind;
  readonly name: string;
}

export interface Message extends Handler {
  readonly args: readonly unknown[];
}

interface Metadata {
  readonly definition: Readonly<
    Record<`${Kind}Definitions`, readonly { readonly name?: string | null }[] | null | undefined>
  >;
}

/** The handlers that a workflow has, by its answer to Temporal's own query. */
export function handlersIn({ definition }: Metadata): Handler[] {
  return Object.values(Kind).flatMap((kind) =>
    (definition[`${kind}Definitions`] ?? [])
      .map(({ name }) => name ?? '')
      .filter((name) => name !== '' && !name.startsWith('__'))
      .map((name) => ({ kind, name })),
  );
}

export const METADATA_QUERY = '__temporal_workflow_metadata';

export async function handlersOf(workflow: SteppedWorkflow): Promise<Handler[]> {
  return handlersIn(await workflow.query<Metadata>(METADATA_QUERY));
}

/** Names of fields that handlers read, so that a part of the messages gets further than the first check. */
const FIELDS = [
  ...['reason', 'gracePeriodSeconds', 'deadline', 'metadata', 'spec', 'name', 'namespace', 'annotations', 'suspend'],
  ...['submissionId', 'executors', 'progress', 'pending', 'running', 'succeeded', 'failed', 'jobs', 'stages', 'tasks'],
  ...['runningStages', 'observedAt', 'completed', 'total', 'id', 'queue', 'holder', 'place', 'waiting', 'limit'],
  ...['ticket', 'requester', 'semaphore', 'paused', 'note', 'workflowId', 'runId', 'priority', 'requests', 'since'],
  ...['cpu', 'memory', 'maxApplications', 'maxApplicationsPerNamespace', 'drivers', 'uid', 'generation', 'digest'],
  ...['constructor', '__proto__'],
];

/** UTF-16, half characters included: JSON can escape them. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
  .map((units) => String.fromCharCode(...units));

/** Texts that are values somewhere. */
function texts(known: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('', 'x', 'soon', '\ud800', '2026-01-01T00:00:00Z', 'constructor', ...known),
    anyText,
    fc.constantFrom(1_001, 5_000).map((length) => 'é'.repeat(length)),
  );
}

const numbers = fc.oneof(fc.constantFrom(0, -1, 1, 5, 2 ** 53 - 1, 1.5, 1e308), fc.integer());

function values(known: readonly string[]): fc.Arbitrary<unknown> {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(texts(known), numbers, fc.constantFrom(null, true, false)),
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .array(fc.tuple(fc.oneof(fc.constantFrom(...FIELDS), anyText), tie('value')), { maxLength: 8 })
        .map(
          (entries) =>
            JSON.parse(
              `{${entries.map((entry) => entry.map((each) => JSON.stringify(each)).join(':')).join()}}`,
            ) as unknown,
        ),
    ),
  }));
  return value;
}

/** A valid argument, of which one field is replaced. */
function nearly(valid: object, known: readonly string[]): fc.Arbitrary<unknown> {
  const keys = Object.keys(valid);
  return fc
    .tuple(fc.constantFrom(...keys), fc.oneof(values(known), fc.constant(undefined)))
    .map(([key, value]) => JSON.parse(JSON.stringify({ ...valid, [key]: value })) as unknown);
}

export interface AnyMessageOptions {
  readonly handlers: readonly Handler[];
  /** Texts that mean something to the workflow, such as names of its stages. */
  readonly known: readonly string[];
  /** Arguments that handlers accept. */
  readonly valid: readonly object[];
  /** Arguments that a handler accepts together. @default none */
  readonly together?: readonly (readonly unknown[])[];
  /** Handlers that must not be called with a valid argument, because the workflow would end. @default none */
  readonly without?: readonly string[];
}

/** A message to a handler, or to one that the workflow does not have. */
export function anyMessage(options: AnyMessageOptions): fc.Arbitrary<Message> {
  const { handlers, known, valid, together = [], without = [] } = options;
  const unknown = Object.values(Kind).map((kind) => ({ kind, name: 'nobody' }));
  const one = fc.oneof(values(known), ...valid.map((each) => nearly(each, known)), fc.constantFrom(...valid));
  return fc
    .tuple(
      fc.oneof(
        { arbitrary: fc.constantFrom(...handlers.filter(({ name }) => !without.includes(name))), weight: 20 },
        { arbitrary: fc.constantFrom(...unknown), weight: 1 },
      ),
      fc.oneof(
        { arbitrary: fc.array(one, { maxLength: 3 }), weight: 3 },
        ...together.map((args) => ({ arbitrary: fc.constant(args), weight: 1 })),
      ),
    )
    .map(([handler, args]) => ({ ...handler, args }));
}
