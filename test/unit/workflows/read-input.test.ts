import { describe, expect, it } from 'vitest';
import { application, isRefused, neverWas, startApplication, statusOf } from '../../support/stepped-application.ts';

const manifest = application();
const { name } = manifest.metadata;

/** JavaScript throws where it becomes part of a text. */
const TEXTLESS = { toString: 1, valueOf: 1 };
const past = { attempt: 1, state: 'FAILED', finishedAt: '2026-01-01T00:00:00Z' };

async function failureOf(args: readonly unknown[], type = 'sparkApplication', info = {}) {
  const workflow = await startApplication(undefined, { args, type, info });
  await workflow.dispose();
  if (workflow.end?.kind !== 'failed') throw new Error(`It was expected to fail: ${JSON.stringify(workflow.end)}`);
  return workflow.end.error;
}

describe('an invalid manifest fails the workflow with every problem', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'The first argument must be a SparkApplication manifest'],
    ['null', null, 'The first argument must be'],
    ['text', 'kind: SparkApplication', 'The first argument must be'],
    ['a list', [manifest], 'The first argument must be'],
    ['an empty object', {}, 'metadata.name is missing\nspec is missing'],
    ['no spec', { metadata: { name } }, 'spec is missing'],
    ['no driver', { metadata: { name }, spec: {} }, 'spec.driver is missing'],
    [
      'wrong types',
      { metadata: { name: 1, namespace: [], annotations: 'x' }, spec: { driver: { podName: 2 }, sparkConf: 'x' } },
      'metadata.name must be text\nmetadata.namespace must be text\nmetadata.annotations must be an object\n' +
        'spec.driver.podName must be text\nspec.sparkConf must be an object',
    ],
    [
      'retries and intervals that are no numbers',
      {
        metadata: { name },
        spec: { ...manifest.spec, restartPolicy: { onFailureRetryInterval: '10', onFailureRetries: [] } },
      },
      'spec.restartPolicy.onFailureRetries must be a number\nspec.restartPolicy.onFailureRetryInterval must be a number',
    ],
    ['metadata that is text', { metadata: 'x', spec: manifest.spec }, 'metadata.name is missing'],
    [
      'an annotation that cannot be read',
      { ...manifest, metadata: { name, annotations: { 'temporal-spark/running-deadline': 'soon' } } },
      'metadata.annotations["temporal-spark/running-deadline"]',
    ],
  ])('%s', async (_, given, message) => {
    const error = await failureOf([given]);
    expect(error).toMatchObject({ type: 'InvalidManifest', nonRetryable: true });
    expect(error.message).toContain(message);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no template', { kind: 'ScheduledSparkApplication', metadata: { name }, spec: {} }],
    [
      'an expression that fails',
      { metadata: { name }, spec: { template: { ...manifest.spec, arguments: ['${{ nobody.knows }}'] } } },
    ],
    ['a time zone that does not exist', { metadata: { name }, spec: { timeZone: 'Mars', template: manifest.spec } }],
  ])('of a schedule: %s', async (_, given) => {
    const error = await failureOf([given], 'scheduledSparkApplication');
    expect(error).toMatchObject({ type: 'InvalidManifest', nonRetryable: true });
  });
});

it.each<[string, object]>([
  ['timeToLiveSeconds', { timeToLiveSeconds: TEXTLESS }],
  ['the name of the driver in sparkConf', { sparkConf: { 'spark.kubernetes.driver.pod.name': TEXTLESS } }],
])('leaves an object as %s to the submission, which refuses it', async (_, fields) => {
  const workflow = await startApplication({ ...manifest, spec: { ...manifest.spec, ...fields } });
  await workflow.task(isRefused('InvalidManifest'));
  await workflow.task(neverWas);
  expect(workflow.end).toMatchObject({ kind: 'failed' });
  await workflow.dispose();
});

it.each<[unknown]>([
  [1],
  ['x'],
  [[]],
  [{ attempts: 'x' }],
  [{ attemptHistory: {} }],
  [{ attemptHistory: [null] }],
  [{ failures: { application: 'x' } }],
  [{ mirror: null }],
  [{ mirror: { submissions: 'x', executions: 0 } }],
  [{ attempts: 2, attemptHistory: [{ ...past, finishedAt: 1 }] }],
  [{ attempts: 2, attemptHistory: [{ ...past, reason: TEXTLESS }] }],
])('a second argument that is not the workflow’s own fails it: %j', async (carriedOver) => {
  expect(await failureOf([manifest, carriedOver])).toMatchObject({ type: 'InvalidArgument', nonRetryable: true });
});

it('takes the ledger of a run that it continues', async () => {
  const ledger = { attempts: 2, attemptHistory: [past], mirror: { submissions: 1, executions: 1 } };
  const workflow = await startApplication(undefined, { args: [manifest, ledger] });
  expect(await statusOf(workflow)).toMatchObject({ attempts: 3, attemptHistory: [past] });
  await workflow.dispose();
});

it('takes null for what is absent, as an API server does', async () => {
  const metadata = { name, namespace: null, annotations: null };
  const spec = { ...manifest.spec, timeToLiveSeconds: null, restartPolicy: null, suspend: null };
  const workflow = await startApplication(undefined, { args: [{ ...manifest, metadata, spec }, null] });
  expect(await statusOf(workflow)).toMatchObject({ state: 'NEW', namespace: 'default' });
  const { identity } = workflow.pending('submitSparkApplication').input as { identity: { annotations: object } };
  expect(Object.keys(identity.annotations)).not.toContain('temporal-spark/time-to-live-seconds');
  await workflow.dispose();
});

it('fails under a cronSchedule of Temporal, and names the alternative', async () => {
  const error = await failureOf([manifest], 'sparkApplication', { cronSchedule: '@daily' });
  expect(error).toMatchObject({ type: 'CronScheduleRefused', nonRetryable: true });
  expect(error.message).toContain('temporal-spark schedule');
});

describe('under a retry policy of Temporal an application', () => {
  it.each(['sparkApplication', 'scheduledSparkApplication'])('of %s fails, and names the alternative', async (type) => {
    const scheduled = { metadata: { name }, spec: { schedule: '@daily', template: manifest.spec } };
    const given = type === 'sparkApplication' ? manifest : scheduled;
    const error = await failureOf([given], type, { retryPolicy: { initialInterval: '1 s', maximumAttempts: 0 } });
    expect(error).toMatchObject({ type: 'RetryPolicyRefused', nonRetryable: true });
    expect(error.message).toContain('spec.restartPolicy');
  });

  it('runs where the policy allows one attempt', async () => {
    const info = { retryPolicy: { maximumAttempts: 1 } };
    const workflow = await startApplication(manifest, { info });
    expect(await statusOf(workflow)).toMatchObject({ state: 'NEW' });
    await workflow.dispose();
  });
});
