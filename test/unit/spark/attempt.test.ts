import { describe, expect, it } from 'vitest';
import { attemptIdentity, toSubmissionId } from '../../../src/spark/attempt.ts';

const key = { workflowId: 'spark/default/pi', firstRunId: '0190-a', attempt: 1 };
const input = {
  ...key,
  temporalNamespace: 'default',
  applicationName: 'pi',
  driverPodName: 'pi-driver',
  submitTime: 1_700_000_000_000,
};

describe('the submission ID', () => {
  it('is a UUID and a function of workflow, first run and attempt only', () => {
    expect(toSubmissionId(key)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(toSubmissionId({ ...key })).toBe(toSubmissionId(key));
    expect(attemptIdentity({ ...input, submitTime: 1 }).submissionId).toBe(toSubmissionId(key));
  });

  it('stays what it is: drivers that run now carry it', () => {
    expect(toSubmissionId(key)).toMatchInlineSnapshot(`"521f1e37-ebc6-8694-a2d4-c3b16086c2ab"`);
  });

  it.each([
    ['workflow', { workflowId: 'spark/default/po' }],
    ['start', { firstRunId: '0190-b' }],
    ['attempt', { attempt: 2 }],
    ['place of the separator', { workflowId: 'spark/default/pi","0190', firstRunId: 'a' }],
  ])('differs by %s', (_, change) => {
    expect(toSubmissionId({ ...key, ...change })).not.toBe(toSubmissionId(key));
  });
});

describe('the identity of an attempt', () => {
  it('names a Spark application the way Spark does, uniquely per attempt', () => {
    const { sparkApplicationId, submissionId } = attemptIdentity(input);
    expect(sparkApplicationId).toBe(`spark-${submissionId.replaceAll('-', '')}`);
  });

  it('leaves room for the names derived from a long application name', () => {
    const { resourceNamePrefix } = attemptIdentity({ ...input, applicationName: 'a'.repeat(63) });
    expect(resourceNamePrefix).toMatch(/^a+-[0-9a-f]{8}$/);
    expect(`${resourceNamePrefix}-driver-svc`.length).toBeLessThanOrEqual(63);
  });

  it('protects the driver and labels it with its owner', () => {
    const { finalizers, labels, annotations, submissionId } = attemptIdentity(input);
    expect(finalizers).toEqual(['temporal-spark/driver-protection']);
    expect(labels['temporal-spark/submission-id']).toBe(submissionId);
    expect(annotations['temporal-spark/workflow-id']).toBe('spark/default/pi');
  });
});
