import { describe, expect, it } from 'vitest';
import { parseSparkApplication } from '../../../src/manifest/index.ts';
import { attemptIdentity, attemptSubmission } from '../../../src/spark/index.ts';
import { driverObjects, type SubmissionRequest } from '../../../src/submitters/index.ts';
import { deepFreeze } from '../../../src/validation/deep-freeze.ts';
import { sparkPi } from '../../support/manifests.ts';

function request(): SubmissionRequest {
  const application = parseSparkApplication(sparkPi({ name: 'once' }));
  const identity = attemptIdentity({
    workflowId: 'spark/default/once',
    firstRunId: 'run',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: 'once',
    driverPodName: 'once-driver',
    submitTime: 0,
  });
  return { submission: attemptSubmission(application, identity), identity };
}

describe('the objects of a driver', () => {
  it('are built once for a frozen request', () => {
    const frozen = deepFreeze(request());
    expect(driverObjects(frozen)).toBe(driverObjects(frozen));
  });

  it('are built again for a request that can change', () => {
    const open = request();
    expect(driverObjects(open)).toEqual(driverObjects(open));
    expect(driverObjects(open)).not.toBe(driverObjects(open));
  });

  it('cannot be changed by a submitter', () => {
    const { pod } = driverObjects(deepFreeze(request()));
    expect(() => Object.assign(pod.metadata!, { name: 'other' })).toThrow(TypeError);
  });
});
