import { describe, expect, it } from 'vitest';
import { ApplicationRequestError, type SparkApplicationStatus } from '../../src/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('requests', { rights: 'chart', worker: {} });
const { pi, driverOf, runningDriver } = cluster;

function reference(name: string) {
  return { namespace: cluster.env.namespace, name };
}

function inState(name: string, state: SparkApplicationStatus['state']): Promise<SparkApplicationStatus> {
  return eventually(`${name} to be ${state}`, async () => {
    const { status } = await cluster.env.spark.describe(reference(name));
    return status?.state === state && status;
  });
}

/** Runs by itself until it is stopped. */
async function running(name: string) {
  const application = await cluster.env.spark.start(pi(name, RUN_FOREVER));
  const driver = await runningDriver(name);
  await inState(name, 'RUNNING');
  return { application, driver };
}

async function refusal(request: Promise<unknown>): Promise<ApplicationRequestError> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationRequestError) return error;
  throw new Error('The request was expected to be refused', { cause: error });
}

describe('suspend and resume', () => {
  it('stops the driver, records it, and submits again when it is resumed', async () => {
    const { application, driver } = await running('paused');
    expect((await application.suspend()).state).toBe('SUSPENDING');
    const suspended = await inState('paused', 'SUSPENDED');
    expect(suspended.attemptHistory).toMatchObject([{ attempt: 1, state: 'SUSPENDED', exitCode: 143 }]);
    await eventually('the pod to go', async () => (await driverOf('paused')) === undefined);

    await application.resume();
    const again = await runningDriver('paused');
    expect(again.metadata!.uid).not.toBe(driver.metadata!.uid);
    expect(await inState('paused', 'RUNNING')).toMatchObject({ attempts: 2 });
    await application.kill();
    expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED', attempts: 2 });
    expect(cluster.drivers.attemptsOf('paused')).toHaveLength(2);
  });

  it('is not submitted while its manifest sets suspend', async () => {
    const manifest = pi('born-suspended');
    manifest.spec.suspend = true;
    const application = await cluster.env.spark.start(manifest);
    expect(await inState('born-suspended', 'SUSPENDED')).toMatchObject({ attempts: 0 });
    expect(await driverOf('born-suspended')).toBeUndefined();
    await application.resume();
    expect(await application.result()).toMatchObject({ state: 'COMPLETED', attempts: 1 });
  });

  it('does not count as a failure', async () => {
    const manifest = pi('lenient', RUN_FOREVER);
    manifest.spec.restartPolicy = { type: 'Never' };
    const application = await cluster.env.spark.start(manifest);
    await runningDriver('lenient');
    await inState('lenient', 'RUNNING');
    await application.suspend();
    const { attemptHistory } = await inState('lenient', 'SUSPENDED');
    expect(attemptHistory[0]!.failureClass).toBeUndefined();
    await application.kill();
    expect((await failureOf(application.result())).result!.state).toBe('CANCELLED');
  });

  it('interrupts the delay before the next attempt', async () => {
    const manifest = pi('delayed', { 'lab.temporal-spark/exit-code': '1' });
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 3600 };
    const application = await cluster.env.spark.start(manifest);
    const { nextAttemptAt } = await inState('delayed', 'PENDING_RERUN');
    expect(Date.parse(nextAttemptAt!)).toBeGreaterThan(Date.now() + 3_000_000);
    await application.suspend();
    await inState('delayed', 'SUSPENDED');
    await application.resume();
    expect((await failureOf(application.result())).result).toMatchObject({ state: 'FAILED', attempts: 2 });
  });
});

describe('restart', () => {
  it('replaces the driver at once and resets the failure counters', async () => {
    const { application, driver } = await running('again');
    expect((await application.restart()).state).toBe('INVALIDATING');
    const next = await eventually('another driver to run', async () => {
      const pod = await driverOf('again');
      return pod?.metadata?.uid !== driver.metadata!.uid && pod?.status?.phase === 'Running' && pod;
    });
    expect(next.metadata!.deletionTimestamp).toBeUndefined();
    expect(await inState('again', 'RUNNING')).toMatchObject({
      attempts: 2,
      attemptHistory: [{ attempt: 1, state: 'INVALIDATING' }],
    });
    await application.kill();
    await failureOf(application.result());
  });

  it('ends the delay before the next attempt', async () => {
    const manifest = pi('impatient', { 'lab.temporal-spark/exit-code': '1' });
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 3600 };
    const application = await cluster.env.spark.start(manifest);
    await inState('impatient', 'PENDING_RERUN');
    await application.restart();
    await eventually('a second attempt', () => cluster.drivers.attemptsOf('impatient').length === 2);
    await inState('impatient', 'PENDING_RERUN');
    await application.kill();
    expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED', attempts: 2 });
  });
});

describe('a new manifest', () => {
  it('replaces the driver where the spec differs', async () => {
    const { application } = await running('edited');
    const manifest = pi('edited');
    manifest.spec.arguments = ['3'];
    expect(await application.updateManifest(manifest)).toMatchObject({ effect: 'rerun' });
    expect(await application.result()).toMatchObject({ state: 'COMPLETED', attempts: 2 });
    expect((await driverOf('edited'))!.spec!.containers[0]!.args).toContain('3');
  });

  it('leaves the driver alone where only the time to live or metadata differ, and changes nothing where nothing does', async () => {
    const { application, driver } = await running('kept');
    const manifest = pi('kept', RUN_FOREVER);
    expect(await application.updateManifest(manifest)).toMatchObject({ effect: 'none' });
    manifest.spec.timeToLiveSeconds = 60;
    expect(await application.updateManifest(manifest)).toMatchObject({ effect: 'in-place' });
    expect((await driverOf('kept'))!.metadata!.uid).toBe(driver.metadata!.uid);
    await application.kill();
    await failureOf(application.result());
  });

  it('with another time to live updates it on the driver when it ends', async () => {
    const application = await cluster.env.spark.start(pi('mortal', { 'lab.temporal-spark/run-seconds': '3' }));
    await inState('mortal', 'RUNNING');
    const manifest = pi('mortal', { 'lab.temporal-spark/run-seconds': '3' });
    manifest.spec.timeToLiveSeconds = 3600;
    expect(await application.updateManifest(manifest)).toMatchObject({ effect: 'in-place' });
    await application.result();
    const { metadata } = (await driverOf('mortal'))!;
    expect(metadata!.annotations).toMatchObject({ 'temporal-spark/time-to-live-seconds': '3600' });
    expect(metadata!.finalizers).toBeUndefined();
  });

  it('suspends where it sets suspend', async () => {
    const { application } = await running('declared');
    const manifest = pi('declared', RUN_FOREVER);
    manifest.spec.suspend = true;
    expect(await application.updateManifest(manifest)).toMatchObject({ effect: 'in-place' });
    await inState('declared', 'SUSPENDED');
    await application.kill();
    await failureOf(application.result());
  });

  it('is refused with its problems, and the driver keeps running', async () => {
    const { application, driver } = await running('unharmed');
    const manifest = pi('unharmed');
    (manifest.spec as { sparkVersion: unknown }).sparkVersion = 'four';
    const error = await refusal(application.updateManifest(manifest));
    expect(error).toMatchObject({ type: 'InvalidManifest' });
    expect(error.message).toContain('sparkVersion');
    expect(await refusal(application.updateManifest(pi('other')))).toMatchObject({ type: 'RequestRefused' });
    expect((await driverOf('unharmed'))!.metadata!.uid).toBe(driver.metadata!.uid);
    await application.kill();
    await failureOf(application.result());
  });
});

describe('kill', () => {
  it('ends as CANCELLED with the reason that was given', async () => {
    const { application } = await running('killed');
    await application.kill({ reason: 'wrong input', gracePeriodSeconds: 0 });
    const failure = await failureOf(application.result());
    expect(failure.message).toContain('wrong input');
    expect(failure.result).toMatchObject({ state: 'CANCELLED', attempts: 1 });
    await eventually('the pod to go', async () => (await driverOf('killed')) === undefined);
  });
});

describe('a request that is not possible now', () => {
  it('is refused with the state and the allowed requests', async () => {
    const { application } = await running('busy');
    const resumed = await refusal(application.resume());
    expect(resumed.type).toBe('RequestRefused');
    expect(resumed.message).toContain('is RUNNING');
    expect(resumed.message).toContain('allowed: suspend, restart, kill, updateManifest');
    await application.suspend();
    await inState('busy', 'SUSPENDED');
    expect((await refusal(application.suspend())).message).toContain('is SUSPENDED');
    expect((await refusal(application.restart())).message).toContain('allowed: resume, kill, updateManifest');
    expect((await refusal(application.kill({ gracePeriodSeconds: -1 }))).message).toContain('gracePeriodSeconds');
    await application.kill();
    await failureOf(application.result());
    expect(await refusal(application.suspend())).toMatchObject({ type: 'Ended' });
  });
});
