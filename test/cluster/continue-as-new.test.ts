import { expect, it } from 'vitest';
import { createNamespace, privateLab } from '../support/lab-fixture.ts';
import { connectEnvironment, DriverRecorder, failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';

it('an application that restarts for ever continues as new, and nothing is lost or doubled by it', async () => {
  const lab = await privateLab({
    // The server proposes it at 4,096 events; here after about two attempts.
    temporalDynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 50 },
  });
  const namespace = await createNamespace({ lab, prefix: 'endless' });
  const { address: temporalAddress } = lab.temporal!;
  const env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress, namespace });
  const drivers = new DriverRecorder(env.kubernetes, namespace);
  await drivers.ready;
  const manifest = sparkPi({ name: 'streaming', namespace });
  manifest.spec.restartPolicy = { type: 'Always' };
  try {
    await withWorker(env, async () => {
      const application = await env.spark.start(manifest);
      await eventually('seven attempts', () => drivers.attemptsOf('streaming').length >= 7);
      const { runId, status } = await env.spark.describe(application.workflowId);
      expect(runId).not.toBe(application.runId);
      // Attempts are counted on, and remembered, from run to run.
      expect(status!.attemptHistory.map(({ attempt }) => attempt)).toEqual(
        Array.from({ length: status!.attemptHistory.length }, (_, index) => index + 1),
      );
      expect(status!.attemptHistory.length).toBeGreaterThanOrEqual(5);
      // A new manifest is that of the runs to come, too; a handle of the first run still finds them.
      await application.updateManifest(sparkPi({ name: 'streaming', namespace, annotations: RUN_FOREVER }));
      await eventually('the new manifest to run', async () => {
        const { status } = await env.spark.describe(application.workflowId);
        return status?.state === 'RUNNING';
      });
      await application.kill();
      const { result } = await failureOf(application.result());
      const ids = drivers.attemptsOf('streaming');
      expect(result).toMatchObject({ state: 'CANCELLED', attempts: ids.length });
      expect(new Set(ids).size).toBe(ids.length);
    });
  } finally {
    drivers.stop();
    await env.close();
  }
});
