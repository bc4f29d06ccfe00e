import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Frame, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../lab/chromium.ts';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { SparkApplicationHandle, SparkPipelineHandle } from '../../src/index.ts';
import { withDriverRest } from '../support/driver-rest.ts';
import { connectEnvironment, failureOf, withWorker, type Environment } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { pipelineFailureOf, pipelineOf } from '../support/pipelines.ts';

const HEIGHT = 860;
/** Of a large and of a small window. */
const WIDTHS = [1440, 1024] as const;

let lab: Lab;
let env: Environment;
let browser: Browser;
/** The only one: pages that stay open continue to draw and to ask, and take the processor from the one looked at. */
let page: Page;
let profile: string;
let worker: Promise<void> | undefined;
let stopWorker = () => {};
/** Both run until a test ends them. */
let running: SparkApplicationHandle;
let pipeline: SparkPipelineHandle;

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
  page = await browser.newPage({ viewport: { width: WIDTHS[0], height: HEIGHT }, reducedMotion: 'reduce' });
  worker = withWorker(
    { ...env, kubernetes: withDriverRest(env.kubernetes) },
    () => new Promise<void>((resolve) => (stopWorker = resolve)),
  );
  running = await env.spark.start(sparkPi({ name: 'daily-report', annotations: RUN_FOREVER }));
  const application = (annotations: Record<string, string> = {}) => ({ spec: sparkPi({ annotations }).spec });
  pipeline = await env.spark.pipelines.start(
    pipelineOf('daily-etl', [
      { name: 'extract', application: application() },
      {
        name: 'transform',
        dependsOn: ['extract'],
        application: application(RUN_FOREVER),
        semaphore: { name: 'warehouse', limit: 1 },
        timeoutSeconds: 7_200,
      },
      { name: 'report', dependsOn: ['transform'], application: application() },
    ]),
    { run: '2026-11-20' },
  );
});

afterAll(async () => {
  stopWorker();
  await worker;
  await browser?.close();
  await env?.close();
  await lab?.stop();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true });
});

const pathOf = (run: { readonly workflowId: string; readonly runId?: string }) =>
  `/${encodeURIComponent(run.workflowId)}/${run.runId}`;

/** What the page shows, its frames included: the UI draws markdown in frames of their own. */
async function shownByPage(): Promise<string> {
  const frames = await Promise.all(page.frames().map((frame) => frame.locator('body').innerText()));
  return frames.join('\n');
}

type Shown = readonly [path: string, ...expected: (string | RegExp)[]];
/** What the page was last waited for to show. */
let last: Shown;

/** Opens a page and waits until it shows all that; what is under way is asked again each time. */
async function shows(...given: Shown): Promise<void> {
  last = given;
  const [path, ...expected] = given;
  await page.goto(`${lab.temporal!.uiUrl}/namespaces/default/workflows${path}`, { waitUntil: 'domcontentloaded' });
  let drawn: number | undefined;
  await eventually(`${path} to show ${expected.join(', ')}`, async () => {
    const shown = await shownByPage();
    const missing = expected.filter((each) => (typeof each === 'string' ? !shown.includes(each) : !each.test(shown)));
    if (missing.length === 0) return true;
    // Current details are those of the moment at which the page was opened. One that is still blank is left to load.
    if (shown.trim() !== '') drawn ??= Date.now();
    if (drawn !== undefined && Date.now() - drawn > 5_000) {
      await page.reload({ waitUntil: 'domcontentloaded' });
      drawn = undefined;
    }
    throw new Error(`missing: ${missing.join(', ')}. The page shows:\n${shown}`);
  });
}

/** Where the link of a stage in a pipeline's details leads to, below the list of workflows. */
async function linkOf(stage: string): Promise<string> {
  const details = page.frameLocator('iframe').last();
  const href = await details.getByRole('link', { name: stage }).getAttribute('href');
  return decodeURIComponent(href!).replace('/namespaces/default/workflows', '');
}

/**
 * Checks that no row of the details is cut off, in windows of both widths, and takes pictures for the documents
 * (`npm run screenshots`).
 */
async function screenshot(name: string): Promise<void> {
  const directory = process.env['SCREENSHOTS'];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    // The UI measures its panels when it draws them.
    await shows(...last);
    await eventually(`${name} to show each row at ${width} pixels`, async () => {
      const cut = (await Promise.all(page.frames().map(cutOff))).flat();
      if (cut.length > 0) throw new Error(cut.join('\n'));
      return true;
    });
    const path = join(directory ?? '', `${name}${width === WIDTHS[0] ? '' : `-${width}`}.png`);
    if (directory !== undefined) await page.screenshot({ path });
  }
  await page.setViewportSize({ width: WIDTHS[0], height: HEIGHT });
}

/** Run in a frame: rows and lines with text that reach beyond it, or that one must scroll to. */
const BEYOND = `[...document.querySelectorAll('tr, p, li, pre, code, h1, h2, h3, h4')].flatMap((row) => {
  if (row.textContent.replaceAll('\u200b', '').trim() === '') return [];
  const { bottom, right } = row.getBoundingClientRect();
  const hidden = row.scrollWidth > row.clientWidth + 1 && row.clientWidth > 0 ? ['scrolls sideways'] : [];
  if (bottom > window.innerHeight + 1) hidden.push('ends ' + Math.round(bottom - window.innerHeight) + ' px below');
  if (right > window.innerWidth + 1) hidden.push('ends ' + Math.round(right - window.innerWidth) + ' px to the right');
  return hidden.map((how) => how + ': ' + row.textContent.slice(0, 60));
})`;

/** What of a frame is not visible: the UI draws markdown in frames as high as it measures them. */
async function cutOff(frame: Frame): Promise<string[]> {
  if (frame === page.mainFrame()) return [];
  return frame.evaluate<string[]>(BEYOND);
}

describe("Temporal's UI on an application that runs", () => {
  it('shows its state as a table: attempts, driver, executors, progress', async () => {
    await shows(
      `${pathOf(running)}/user-metadata`,
      'daily-report · Spark 4.1.4 · 1 executor',
      /State\s+RUNNING/,
      /Attempts\s+1/,
      /Driver\s+default\/daily-report-driver/,
      /Executors\s+\S+/,
      /Progress\s+1 job, stages 1 of 2, tasks 1\d\d of 300; stage 4 count at Report\.scala:12: \d+ of 200/,
    );
    await screenshot('application');
  });

  it('summarises each activity', async () => {
    const expected = ['submitSparkApplication', 'waitForSparkDriver', 'wait for daily-report-driver to end'];
    await shows(`${pathOf(running)}/history`, running.workflowId, 'Running', ...expected);
    await screenshot('application-history');
  });

  it('shows what the worker sees of the driver', async () => {
    await shows(`${pathOf(running)}/pending-activities`, 'waitForSparkDriver', 'runningStages', 'Report.scala:12');
  });

  it('has search attributes and a memo, and is found by them', async () => {
    await shows(
      `${pathOf(running)}/search-attributes`,
      'SparkState',
      'RUNNING',
      'SparkApplicationName',
      'daily-report',
    );
    await shows(`${pathOf(running)}/memo`, 'sparkVersion', '4.1.4');
    const query = 'SparkState = "RUNNING" AND SparkApplicationName = "daily-report"';
    await shows(`?query=${encodeURIComponent(query)}`, running.workflowId, /sparkApplication/);
  });
});

describe("Temporal's UI on an application that does not get on", () => {
  it('shows past attempts, and why the present one does not start', async () => {
    const manifest = sparkPi({ name: 'troubled', annotations: RUN_FOREVER });
    const application = await env.spark.start(manifest);
    const state = async (wanted: string) => (await application.describe()).status?.state === wanted;
    await eventually('the application to run', () => state('RUNNING'));
    manifest.spec.driver.nodeSelector = { 'no-node-has': 'this' };
    await application.updateManifest(manifest);
    const details = `${pathOf(application)}/user-metadata`;
    await shows(details, 'SUBMITTED', 'Unschedulable', /1\s+replaced on request/);
    await screenshot('troubled');
    await application.kill({ reason: 'seen' });
    await expect(application.result()).rejects.toThrow('seen');
  });
});

/** Of the timer, and of the activity that asks the semaphore. */
const summaries = ['time limit of transform', 'warehouse'];

describe("Temporal's UI on a pipeline that runs", () => {
  it('shows its stages, each with state, duration and a link to its page', async () => {
    await shows(
      `${pathOf(pipeline)}/user-metadata`,
      'daily-etl · 3 stages',
      /RUNNING · 1 running, 1 pending, 1 succeeded/,
      /extract\s+SUCCEEDED\s+\d+[smhd]/,
      /transform\s+RUNNING\s+since 2\S+Z/,
      /report\s+PENDING/,
    );
    await screenshot('pipeline');
    expect(await linkOf('transform')).toBe(`/${pipeline.workflowId}/transform`);
  });

  it('has a memo with what it is, and so has a stage', async () => {
    await shows(`${pathOf(pipeline)}/memo`, /pipeline\S*\s+"?daily-etl/, /run\S*\s+"?2026-11-20/);
    const workflowId = `${pipeline.workflowId}/transform`;
    const { runId } = await env.spark.describe(workflowId);
    await shows(`${pathOf({ workflowId, runId })}/memo`, /stage\S*\s+"?transform/);
  });

  it('summarises each timer and each activity', async () => {
    await shows(`${pathOf(pipeline)}/history`, pipeline.workflowId, 'Running', ...summaries);
  });

  it('shows a stage as the application it is, with the way back', async () => {
    const id = `${pipeline.workflowId}/transform`;
    await shows(`/${encodeURIComponent(id)}`, /transform · Spark 4\.1\.4 · 1 executor|waitForSparkDriver/);
    const { runId } = await env.spark.describe(id);
    await shows(
      `${pathOf({ workflowId: id, runId })}/user-metadata`,
      /State\s+RUNNING/,
      /Part of\s+pipeline\/default\/daily-etl/,
    );
  });

  it('is found by its search attributes, with all that it started', async () => {
    await shows(
      `?query=${encodeURIComponent('SparkPipeline = "daily-etl"')}`,
      pipeline.workflowId,
      `${pipeline.workflowId}/extract`,
      `${pipeline.workflowId}/transform`,
    );
    await screenshot('list');
  });
});

describe('every query, signal and update that the UI offers', () => {
  interface Metadata {
    readonly definition: Readonly<Record<string, readonly { readonly name: string; readonly description?: string }[]>>;
  }

  it.each([
    ['of an application', () => running.workflowId, ['status', 'manifest', 'kill', 'suspend', 'driverProgress']],
    ['of a pipeline', () => pipeline.workflowId, ['status', 'manifest', 'pause', 'resume', 'cancelStage']],
    ['of a semaphore', () => 'semaphore/warehouse', ['status', 'acquire', 'release']],
  ])('has a description: those %s', async (_, workflowId, some) => {
    const workflow = env.client.workflow.getHandle(workflowId());
    const { definition } = await workflow.query<Metadata>('__temporal_workflow_metadata');
    const handlers = ['queryDefinitions', 'signalDefinitions', 'updateDefinitions']
      .flatMap((kind) => definition[kind] ?? [])
      .filter(({ name }) => !name.startsWith('__'));
    expect(handlers.map(({ name }) => name)).toEqual(expect.arrayContaining(some));
    expect(handlers.filter(({ description = '' }) => description === '')).toEqual([]);
  });
});

describe("Temporal's UI on what has ended", () => {
  it('shows how an application ended, and what came of it', async () => {
    await running.kill();
    await failureOf(running.result());
    await shows(`${pathOf(running)}/user-metadata`, /State\s+CANCELLED/, /Exit code\s+143/);
    const completed = await env.spark.start(sparkPi({ name: 'hourly-report' }));
    await completed.result();
    const details = [/State\s+COMPLETED/, /Exit code\s+0/, /Finished\s+\S+/, 'hourly-report · Spark 4.1.4'];
    await shows(`${pathOf(completed)}/user-metadata`, ...details);
    await screenshot('application-completed');
    const steps = ['submitSparkApplication', 'finalizeSparkApplication', 'hourly-report-driver'];
    await shows(`${pathOf(completed)}/history`, completed.workflowId, 'Completed', ...steps);
    await shows(`${pathOf(completed)}/search-attributes`, 'SparkState', 'COMPLETED');
    await shows('', completed.workflowId, 'sparkApplication', 'Completed');
  });

  it('shows the cause of a failure, however long, and that of a stage', async () => {
    const annotations = {
      'lab.temporal-spark/exit-code': '1',
      'lab.temporal-spark/termination-message': [
        'Exception in thread "main" org.apache.spark.sql.AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] The table or view ' +
          '`lake`.`orders_by_customer_and_region_of_the_last_quarter` cannot be found. Verify the spelling. SQLSTATE: 42P01',
        '\tat org.example.etl.reports.quarterly.CustomersByRegionAndQuarter.main(CustomersByRegionAndQuarter.scala:127)',
      ].join('\n'),
    };
    const spec = { ...sparkPi({ annotations }).spec, restartPolicy: { type: 'Never' as const } };
    const failed = await env.spark.start({ ...sparkPi({ name: 'failed-report' }), spec });
    await failureOf(failed.result());
    await shows(`${pathOf(failed)}/user-metadata`, /State\s+FAILED/, 'TABLE_OR_VIEW_NOT_FOUND');
    await screenshot('application-failed');
    const stages = [
      { name: 'extract', application: { spec: sparkPi().spec } },
      { name: 'report', dependsOn: ['extract'], application: { spec } },
      { name: 'publish', dependsOn: ['report'], application: { spec } },
    ];
    const run = await env.spark.pipelines.start(pipelineOf('failed-etl', stages), { run: '2026-11-20' });
    await pipelineFailureOf(run.result());
    await shows(`${pathOf(run)}/user-metadata`, /FAILED · /, 'TABLE_OR_VIEW_NOT_FOUND');
    await screenshot('pipeline-failed');
  });

  it('shows how each stage of a pipeline ended', async () => {
    await pipeline.cancel();
    const { result } = await pipelineFailureOf(pipeline.result());
    expect(result).toMatchObject({ state: 'CANCELLED' });
    await shows(
      `${pathOf(pipeline)}/user-metadata`,
      /CANCELLED · .*cancelled, 1 succeeded/,
      /extract\s+SUCCEEDED\s+\d+[smhd]/,
      /transform\s+CANCELLED\s+\d+[smhd]/,
    );
    await shows(`${pathOf(pipeline)}/search-attributes`, 'SparkState', 'CANCELLED', 'SparkPipeline', 'daily-etl');
    await shows(`${pathOf(pipeline)}/history`, pipeline.workflowId, 'Canceled', ...summaries);
    const application = { spec: sparkPi().spec };
    const stages = [
      { name: 'extract', application },
      { name: 'regions', application, forEach: { items: ['asia', 'europe'] } },
    ];
    const completed = await env.spark.pipelines.start(pipelineOf('hourly-etl', stages), { run: '2026-11-20' });
    await completed.result();
    await shows(
      `${pathOf(completed)}/user-metadata`,
      /COMPLETED · 2 succeeded/,
      /extract\s+SUCCEEDED\s+\d+[smhd]/,
      /regions\s+SUCCEEDED\s+\d+[smhd]\s+2 of 2/,
    );
    expect(await linkOf('extract')).toBe(`/${completed.workflowId}/extract`);
    const items = await linkOf('regions');
    expect(items).toMatch(/^\?query=/);
    await shows(items, `${completed.workflowId}/regions/0`, `${completed.workflowId}/regions/1`);
    await shows(`${pathOf(completed)}/history`, completed.workflowId, 'Completed', 'checkSparkPipeline');
  });
});
