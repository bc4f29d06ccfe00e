import { describe, expect, it } from 'vitest';
import { NativeSubmitter, type SparkApplicationSubmitter } from '../../src/submitters/index.ts';
import { submitterConformance, type ConformanceCheck } from '../../src/testing/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';

const cluster = useCluster('conformance');
const names = submitterConformance({
  submitter: () => new NativeSubmitter(),
  kubernetes: undefined as never,
  namespace: '',
}).map(({ name }) => name);

function check(name: string, submitter: () => SparkApplicationSubmitter): ConformanceCheck {
  const { kubernetes, namespace } = cluster.env;
  return submitterConformance({ submitter, kubernetes, namespace }).find((candidate) => candidate.name === name)!;
}

describe('the native submitter', () => {
  it.each(names)('%s', (name) => check(name, () => new NativeSubmitter()).run());
});

/** Each breaks the contract in one way; the suite has to notice. */
const offenders: [string, (native: NativeSubmitter) => SparkApplicationSubmitter['submit'], string][] = [
  [
    'forgets the finalizer',
    (native) => (request, context) =>
      native.submit({ ...request, identity: { ...request.identity, finalizers: [] } }, context),
    'creates the driver it was asked for',
  ],
  [
    'says another UID',
    (native) => async (request, context) => ({ ...(await native.submit(request, context)), driverPodUid: 'other' }),
    'creates the driver it was asked for',
  ],
  [
    'never adopts',
    (native) => async (request, context) => ({ ...(await native.submit(request, context)), adopted: false }),
    'is idempotent',
  ],
  [
    'makes only the pod',
    (native) => (request, context) =>
      native.submit(request, {
        ...context,
        kubernetes: Object.create(context.kubernetes, {
          create: {
            value: async (resource: { kind: string }, object: object, options: object) =>
              resource.kind === 'Pod' ? context.kubernetes.create(resource as never, object as never, options) : object,
          },
        }) as typeof context.kubernetes,
      }),
    'makes everything else belong to the driver',
  ],
  [
    'does not listen',
    (native) => (request, context) => native.submit(request, { ...context, signal: new AbortController().signal }),
    'gives up when it is told to',
  ],
  [
    'tells everything',
    (native) => async (request, context) => {
      try {
        return await native.submit(request, context);
      } catch {
        throw new Error(`could not submit ${JSON.stringify(request.submission.conf)}`);
      }
    },
    'tells no secret',
  ],
];

describe('a submitter that', () => {
  it.each(offenders)('%s is found out', async (_, offend, found) => {
    const name = names.find((candidate) => candidate.startsWith(found))!;
    const native = new NativeSubmitter();
    await expect(check(name, () => ({ name: 'offender', submit: offend(native) })).run()).rejects.toThrow(
      expect.objectContaining({ name: 'ConformanceViolation' }) as Error,
    );
  });
});
