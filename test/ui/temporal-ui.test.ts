import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../lab/chromium.ts';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { connectEnvironment, withWorker, type Environment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { pipelineOf } from '../support/pipelines.ts';

let lab: Lab;
let env: Environment;
let browser: Browser;
let profile: string;

beforeAll(async () => {
  lab = await startLab({ mode: 'simulated' });
  env = await connectEnvironment({
    kubeconfig: lab.kubeconfig,
    temporalAddress: lab.temporal!.address,
    namespace: 'default',
  });
  await env.kubernetes.create(Resources.serviceAccounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'spark', namespace: 'default' },
  });
  profile = await mkdtemp(join(tmpdir(), 'temporal-spark-chromium-'));
  browser = await chromium.launch({
    executablePath: await findChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
    env: { ...process.env, HOME: profile },
  });
});

afterAll(async () => {
  await browser?.close();
  await env?.close();
  await lab?.stop();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true });
});

async function open(path: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1100 } });
  await page.goto(`${lab.temporal!.uiUrl}/namespaces/default/workflows${path}`, { waitUntil: 'domcontentloaded' });
  return page;
}

async function text(page: Page, ...expected: string[]): Promise<void> {
  await eventually(`the page to show ${expected.join(', ')}`, async () => {
    const shown = await page.locator('body').innerText();
    const missing = expected.filter((each) => !shown.includes(each));
    if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}. The page shows:\n${shown}`);
    return true;
  });
}

describe("Temporal's UI", () => {
  it('shows a finished run: workflow id, state and what each activity was about', async () => {
    const id = 'spark/default/ui-finished';
    await withWorker(env, async () => {
      const application = await env.spark.start(sparkPi({ name: 'ui-finished' }));
      await application.result();
      const page = await open(`/${encodeURIComponent(id)}/${application.runId}/history`);
      await text(page, id, 'Completed', 'submitSparkApplication', 'finalizeSparkApplication', 'ui-finished-driver');
      const list = await open('');
      await text(list, id, 'sparkApplication', 'Completed');
    });
  });

  it('shows a running one: what the driver does now, and the state as a table', async () => {
    const id = 'spark/default/ui-running';
    await withWorker(env, async () => {
      const application = await env.spark.start(sparkPi({ name: 'ui-running', annotations: RUN_FOREVER }));
      await eventually('the application to run', async () => {
        return (await application.describe()).status?.state === 'RUNNING';
      });
      const page = await open(`/${encodeURIComponent(id)}/${application.runId}/history`);
      await text(page, id, 'Running', 'waitForSparkDriver', 'ui-running-driver to end');
      const details = await open(`/${encodeURIComponent(id)}/${application.runId}/user-metadata`);
      const table = await eventually('the current details', async () => {
        for (const frame of details.frames()) {
          const shown = await frame.locator('body').innerText();
          if (shown.includes('RUNNING') && shown.includes('default/ui-running-driver')) return shown;
        }
        return undefined;
      });
      expect(table).toContain('Attempts');
      await application.kill();
      await application.result().catch(() => undefined);
    });
  });

  it('shows past attempts, and why the present one does not start', async () => {
    const id = 'spark/default/ui-troubled';
    await withWorker(env, async () => {
      const manifest = sparkPi({ name: 'ui-troubled', annotations: RUN_FOREVER });
      const application = await env.spark.start(manifest);
      const state = async (wanted: string) => (await application.describe()).status?.state === wanted;
      await eventually('the application to run', () => state('RUNNING'));
      manifest.spec.driver.nodeSelector = { 'no-node-has': 'this' };
      await application.updateManifest(manifest);
      await eventually('the problem', async () => (await application.describe()).status?.problem);
      const page = await open(`/${encodeURIComponent(id)}/${application.runId}/user-metadata`);
      const details = page.frameLocator('iframe').last().locator('body');
      await eventually('the details', async () => {
        const shown = await details.innerText();
        return ['SUBMITTED', 'Unschedulable', 'INVALIDATING', '143'].every((each) => shown.includes(each));
      });
      if (process.env['SCREENSHOTS'] !== undefined)
        await page.screenshot({ path: `${process.env['SCREENSHOTS']}/troubled.png` });
      await application.kill({ reason: 'seen' });
      await expect(application.result()).rejects.toThrow('seen');
    });
  });

  it('shows the stages of a pipeline, while it runs and after it has ended', async () => {
    const stages = [
      { name: 'short', application: { spec: sparkPi().spec } },
      { name: 'endless', dependsOn: ['short'], application: { spec: sparkPi({ annotations: RUN_FOREVER }).spec } },
    ];
    await withWorker(env, async () => {
      const pipeline = await env.spark.pipelines.start(pipelineOf('ui-pipeline', stages));
      await eventually('the endless stage to run', async () => {
        return (await env.spark.describe(`${pipeline.workflowId}/endless`)).status?.state === 'RUNNING';
      });
      const path = `/${encodeURIComponent(pipeline.workflowId)}/${pipeline.runId}`;
      const shows = async (...expected: string[]) => {
        const page = await open(`${path}/user-metadata`);
        await eventually(`the details to show ${expected.join(', ')}`, async () => {
          const frames = await Promise.all(page.frames().map((frame) => frame.locator('body').innerText()));
          return frames.some((shown) => expected.every((each) => shown.includes(each)));
        });
        return page;
      };
      const page = await shows('RUNNING', 'short', 'SUCCEEDED', 'endless');
      if (process.env['SCREENSHOTS'] !== undefined)
        await page.screenshot({ path: `${process.env['SCREENSHOTS']}/pipeline.png` });
      await text(await open(`${path}/history`), pipeline.workflowId, 'Running', 'sparkApplication');
      await text(await open(''), `${pipeline.workflowId}/endless`, 'sparkPipeline');
      await pipeline.cancel();
      await expect(pipeline.result()).rejects.toMatchObject({ result: { state: 'CANCELLED' } });
      await shows('CANCELLED', '1 cancelled, 1 succeeded', 'endless');
    });
  });
});
