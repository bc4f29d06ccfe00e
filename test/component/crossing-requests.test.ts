import { afterEach, describe, expect, it } from 'vitest';
import { ApplicationRequest as Request } from '../../src/protocol/index.ts';
import {
  application,
  ends,
  hadEnded,
  isFinalized,
  isRefused,
  isStopped,
  isSubmitted,
  neverWas,
  runningApplication,
  runs,
  startApplication,
  statusOf,
} from '../support/stepped-application.ts';
import { completes, fails, updates, type SteppedWorkflow, type UpdateEvent } from '../support/stepped-workflow.ts';

const { Kill, Restart, Resume, Suspend, UpdateManifest } = Request;
const always = { restartPolicy: { type: 'Always', onFailureRetryInterval: 60 } } as const;

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

/** The check of a new manifest finds it good. */
const isChecked = (manifest: unknown, effect: 'none' | 'in-place' | 'rerun') =>
  completes('checkManifestUpdate', { manifest, effect });

const state = async () => (await statusOf(workflow)).state;
const taken = (...requests: UpdateEvent[]) => requests.map(({ answer }) => answer?.state);

describe('a kill wins over what happens in the same task', () => {
  const cancelled = { kind: 'failed', error: { details: [{ state: 'CANCELLED' }] } };

  it('the end of the driver', async () => {
    workflow = await runningApplication();
    const kill = updates(Kill, { reason: 'late' });
    await workflow.task(kill, ends(0));
    expect(taken(kill)).toEqual(['completed']);
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject(cancelled);
    expect(workflow.end).toMatchObject({ error: { details: [{ exitCode: 0 }] } });
  });

  it('the failure of its submission', async () => {
    workflow = await startApplication();
    await workflow.task(isRefused());
    // What the submission may have left is being removed.
    expect(await workflow.request(Kill)).toMatchObject({ state: 'completed' });
    await workflow.task(neverWas);
    expect(workflow.end).toMatchObject(cancelled);
  });

  it('its being finalized', async () => {
    workflow = await runningApplication(application(always));
    await workflow.task(ends(1));
    const [kill, restart] = [updates(Kill), updates(Restart)];
    await workflow.task(kill, restart);
    expect(taken(kill, restart)).toEqual(['completed', 'rejected']);
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject(cancelled);
  });

  it('a restart', async () => {
    workflow = await runningApplication();
    const [restart, kill] = [updates(Restart), updates(Kill)];
    await workflow.task(restart, kill);
    expect(taken(restart, kill)).toEqual(['completed', 'completed']);
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject(cancelled);
  });

  it('a resume', async () => {
    workflow = await startApplication(application({ suspend: true }));
    const [resume, kill] = [updates(Resume), updates(Kill)];
    await workflow.task(resume, kill);
    expect(taken(resume, kill)).toEqual(['completed', 'completed']);
    expect(workflow.end).toMatchObject(cancelled);
  });

  it('the end of the delay', async () => {
    workflow = await runningApplication(application(always));
    await workflow.task(ends(1));
    await workflow.task(isFinalized);
    expect(await state()).toBe('PENDING_RERUN');
    const [[seq]] = [...workflow.timers] as [[number, number]];
    await workflow.task(updates(Kill), () => ({ fireTimer: { seq } }));
    expect(workflow.end).toMatchObject(cancelled);
  });

  it('a new manifest that is being checked, which is rejected', async () => {
    workflow = await runningApplication();
    const update = updates(UpdateManifest, application({ arguments: ['3'] }));
    await workflow.task(update);
    await workflow.task(updates(Kill));
    expect(update.answer).toMatchObject({ state: 'rejected' });
    expect(update.answer!.error!.message).toContain('being killed');
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject(cancelled);
  });

  it('a new run of the workflow', async () => {
    workflow = await runningApplication(application({ restartPolicy: { type: 'Always' } }));
    workflow.isContinueAsNewSuggested = true;
    const update = updates(UpdateManifest, application({ arguments: ['3'] }));
    await workflow.task(update, ends(0));
    await workflow.task(isFinalized);
    // It waits for the new manifest.
    expect(workflow.end).toBeUndefined();
    await workflow.task(updates(Kill));
    expect(workflow.end).toMatchObject(cancelled);
  });
});

describe('a suspend is kept', () => {
  it('while its driver fails: it is FAILED once it is resumed', async () => {
    workflow = await runningApplication();
    const suspend = updates(Suspend);
    await workflow.task(suspend, ends(1));
    expect(taken(suspend)).toEqual(['completed']);
    await workflow.task(isFinalized);
    expect(await statusOf(workflow)).toMatchObject({ state: 'SUSPENDED', exitCode: 1 });
    expect(workflow.end).toBeUndefined();
    await workflow.request(Resume);
    expect(workflow.end).toMatchObject({ kind: 'failed', error: { details: [{ state: 'FAILED', attempts: 1 }] } });
  });

  it('where its driver had failed before it was stopped', async () => {
    workflow = await runningApplication();
    await workflow.request(Suspend);
    await workflow.task(hadEnded(2));
    await workflow.task(isFinalized);
    expect(await state()).toBe('SUSPENDED');
    await workflow.request(Resume);
    expect(workflow.end).toMatchObject({ error: { details: [{ state: 'FAILED', exitCode: 2 }] } });
  });

  it('while what a failed submission left is removed', async () => {
    workflow = await startApplication();
    await workflow.task(isRefused());
    await workflow.request(Suspend);
    await workflow.task(neverWas);
    expect(await state()).toBe('SUSPENDED');
    const [suspend, resume] = [updates(Suspend), updates(Resume)];
    await workflow.task(suspend, resume);
    expect(taken(suspend, resume)).toEqual(['rejected', 'completed']);
    expect(workflow.end).toMatchObject({ error: { details: [{ state: 'FAILED', reason: 'Forbidden' }] } });
  });

  it('by an earlier new manifest without suspend', async () => {
    workflow = await runningApplication();
    const next = application({ arguments: ['3'] });
    const update = updates(UpdateManifest, next);
    await workflow.task(update);
    await workflow.request(Suspend);
    await workflow.task(isChecked(next, 'rerun'));
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    expect(update.answer).toMatchObject({ state: 'completed', result: { effect: 'rerun' } });
    expect(await state()).toBe('SUSPENDED');
    await workflow.request(Resume);
    expect(workflow.pending('submitSparkApplication').input).toMatchObject({
      manifest: { spec: { arguments: ['3'] } },
    });
  });

  it('where it comes with a resume, whichever is last', async () => {
    workflow = await startApplication(application({ suspend: true }));
    const [resume, suspend] = [updates(Resume), updates(Suspend)];
    await workflow.task(resume, suspend);
    expect(taken(resume, suspend)).toEqual(['completed', 'completed']);
    expect(await state()).toBe('SUSPENDED');
    const [resumeNow, again] = [updates(Resume), updates(Resume)];
    await workflow.task(resumeNow, again);
    expect(taken(resumeNow, again)).toEqual(['completed', 'rejected']);
    expect(await state()).toBe('RESUMING');
    expect(workflow.isPending('submitSparkApplication')).toBe(true);
  });

  it('during a delay, and can be undone in the same task', async () => {
    workflow = await runningApplication(application(always));
    await workflow.task(ends(1));
    await workflow.task(isFinalized);
    const [suspend, resume] = [updates(Suspend), updates(Resume)];
    await workflow.task(suspend, resume);
    expect(taken(suspend, resume)).toEqual(['completed', 'completed']);
    expect(workflow.isPending('submitSparkApplication')).toBe(true);
  });

  it('by the run that continues the workflow', async () => {
    workflow = await runningApplication(application({ restartPolicy: { type: 'Always' } }));
    workflow.isContinueAsNewSuggested = true;
    const update = updates(UpdateManifest, application({ arguments: ['3'] }));
    await workflow.task(update, ends(0));
    await workflow.task(isFinalized);
    await workflow.task(updates(Suspend));
    await workflow.task(isChecked(application({ arguments: ['3'] }), 'rerun'));
    await workflow.task(updates(Resume));
    expect(workflow.end).toMatchObject({
      kind: 'continued',
      args: [{ spec: { arguments: ['3'] } }, { attempts: 1 }],
    });
  });
});

describe('a new manifest', () => {
  it('is compared with the one before it, where two are under way', async () => {
    const first = application({ arguments: ['first'] });
    workflow = await runningApplication();
    const [one, two] = [updates(UpdateManifest, first), updates(UpdateManifest, application())];
    await workflow.task(one, two);
    expect(workflow.activities.size).toBe(2);
    await workflow.task(isChecked(first, 'rerun'));
    expect(workflow.pending('checkManifestUpdate').input).toMatchObject({ current: first, proposed: application() });
    await workflow.task(isChecked(application(), 'rerun'));
    expect(taken(one, two)).toEqual(['completed', 'completed']);
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    expect(workflow.pending('submitSparkApplication').input).toMatchObject({ manifest: application() });
  });

  it('that is invalid does not block the next one', async () => {
    workflow = await runningApplication();
    const [bad, good] = [
      updates(UpdateManifest, application({ arguments: ['bad'] })),
      updates(UpdateManifest, application()),
    ];
    await workflow.task(bad, good);
    await workflow.task(fails('checkManifestUpdate', 'InvalidManifest'));
    await workflow.task(isChecked(application(), 'none'));
    expect(taken(bad, good)).toEqual(['rejected', 'completed']);
    expect(await state()).toBe('RUNNING');
  });

  it('begins another attempt where it comes as the application is finalized', async () => {
    const next = application({ arguments: ['3'] });
    workflow = await runningApplication();
    await workflow.task(updates(UpdateManifest, next), ends(0));
    await workflow.task(isFinalized);
    expect(workflow.end).toBeUndefined();
    await workflow.task(isChecked(next, 'rerun'));
    expect(workflow.pending('submitSparkApplication').input).toMatchObject({ manifest: next });
    await workflow.task(isSubmitted);
    await workflow.task(runs);
    await workflow.task(ends(0));
    await workflow.task(isFinalized);
    expect(workflow.end).toMatchObject({ kind: 'completed', result: { attempts: 2 } });
  });
});

describe('a restart', () => {
  it('takes effect where the driver ends in the same task', async () => {
    workflow = await runningApplication();
    const restart = updates(Restart);
    await workflow.task(restart, ends(0));
    await workflow.task(isFinalized);
    expect(workflow.isPending('submitSparkApplication')).toBe(true);
    expect(await statusOf(workflow)).toMatchObject({ attempts: 2 });
  });

  it('takes effect where its submission fails for good', async () => {
    workflow = await startApplication();
    await workflow.task(isRefused('InvalidManifest'));
    await workflow.request(Restart);
    await workflow.task(neverWas);
    expect(workflow.isPending('submitSparkApplication')).toBe(true);
  });
});
