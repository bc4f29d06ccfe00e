import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../lab/ports.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { CoreEvent } from '../../src/kubernetes/objects.ts';
import {
  NativeSubmitter,
  SubmitterError,
  Submitters,
  type SparkApplicationSubmitter,
} from '../../src/submitters/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('canary');
const native = new NativeSubmitter();
const next: SparkApplicationSubmitter = { name: 'next', submit: (request, context) => native.submit(request, context) };

async function events(reason: string): Promise<CoreEvent[]> {
  const found: CoreEvent[] = [];
  for await (const page of cluster.env.kubernetes.list(Resources.events, cluster.env.namespace)) {
    found.push(...page.filter((event) => event.reason === reason));
  }
  return found;
}

describe('a canary', () => {
  it.each([
    ['given-up', () => new Error('not today')],
    // Which would end the submission, were it not a trial.
    ['given-up-for-good', () => new SubmitterError('SubmitterContractViolation', 'not today')],
  ])(
    'that fails too often is %s: its applications use the other, and an Event has the reason',
    async (name, failure) => {
      let asked = 0;
      const broken: SparkApplicationSubmitter = {
        name: 'broken',
        submit: async () => {
          asked += 1;
          throw failure();
        },
      };
      const canary = [{ submitter: 'broken', percent: 100, stepBack: { atLeast: 2 } }];
      await withWorker(
        cluster.env,
        async () => {
          for (const each of [1, 2, 3]) {
            const application = await cluster.env.spark.start(cluster.pi(`${name}-${each}`));
            expect(await application.result()).toMatchObject({ state: 'COMPLETED', submitter: 'native', attempts: 1 });
          }
        },
        { submitter: new Submitters([native, broken], { canary }) },
      );
      expect(asked).toBe(2);
      const [event, ...others] = await eventually('the event', async () => {
        const recorded = (await events('CanarySteppedBack')).filter(
          ({ involvedObject }) => involvedObject.name === `${name}-2-driver`,
        );
        return recorded.length > 0 && recorded;
      });
      expect(others).toEqual([]);
      expect(event!.type).toBe('Warning');
      expect(event!.message).toContain('This worker stopped using the canary "broken": 2 of its 2 submissions');
      expect(event!.message).toContain('not today');
    },
  );

  it.each<[string, SparkApplicationSubmitter['submit']]>([
    [
      'whose driver is not what was asked for',
      ({ submission, identity }, context) =>
        native.submit({ submission, identity: { ...identity, finalizers: [] } }, context),
    ],
    [
      'whose driver lacks the submission ID',
      ({ submission, identity }, context) =>
        native.submit({ submission, identity: { ...identity, labels: {} } }, context),
    ],
    [
      'that reports that the name is taken',
      () => Promise.reject(new SubmitterError('DriverNameConflict', 'so it says')),
    ],
    ['that never returns', () => new Promise(() => {})],
  ])('%s costs its application nothing', async (why, submit) => {
    const name = why.replaceAll(' ', '-').toLowerCase();
    const broken = { name: 'broken', submit };
    const manifest = cluster.pi(name);
    // A try takes no longer, so that a trial is over soon.
    manifest.metadata.annotations = { 'temporal-spark/submission-deadline': '30s' };
    const result = await withWorker(cluster.env, async () => (await cluster.env.spark.start(manifest)).result(), {
      submitter: new Submitters([native, broken], { canary: [{ submitter: 'broken', percent: 100 }] }),
    });
    expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'native', attempts: 1 });
  });

  it('without a required capability does not get the application', async () => {
    const manifest = cluster.pi('unable');
    manifest.spec.sparkConf = { 'spark.kubernetes.driver.pod.featureSteps': 'org.example.Step' };
    const able: SparkApplicationSubmitter = {
      name: 'able',
      capabilities: ['spark-client'],
      submit: ({ submission, identity }, context) => {
        const { 'spark.kubernetes.driver.pod.featureSteps': _, ...conf } = submission.conf;
        return native.submit({ submission: { ...submission, conf }, identity }, context);
      },
    };
    const result = await withWorker(cluster.env, async () => (await cluster.env.spark.start(manifest)).result(), {
      submitter: new Submitters([next, able], { default: 'able', canary: [{ submitter: 'next', percent: 100 }] }),
    });
    expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'able' });
  });

  it('gets the next attempt of an application that runs, not the one that runs', async () => {
    const submitters = new Submitters([native, next]);
    await withWorker(
      cluster.env,
      async () => {
        const application = await cluster.env.spark.start(cluster.pi('running', RUN_FOREVER));
        const runs = (attempt: number) =>
          eventually(`attempt ${attempt} to run`, async () => {
            const { status } = await application.describe();
            return status?.state === 'RUNNING' && status.attempts === attempt && status;
          });
        expect((await runs(1)).submitter).toBe('native');
        submitters.exchange([native, next], { canary: [{ submitter: 'next', percent: 100 }] });
        await application.restart();
        expect(await runs(2)).toMatchObject({ submitter: 'next', attemptHistory: [{ submitter: 'native' }] });
        await application.kill();
        await application.result().catch(() => undefined);
      },
      { submitter: submitters },
    );
  });

  it('is raised by the file that a worker watches, and counted in its metrics', async () => {
    const { env } = cluster;
    const file = join(mkdtempSync(join(tmpdir(), 'temporal-spark-canary-')), 'submitters.yaml');
    const write = (percent: number) =>
      writeFileSync(file, `default: isolated\ncanary:\n  - { submitter: native, percent: ${percent} }\n`);
    const address = `127.0.0.1:${await freePort()}`;
    const counted = async (line: RegExp) => {
      const text = await (await fetch(`http://${address}/metrics`)).text();
      return Number(line.exec(text)?.[1] ?? 0);
    };
    write(0);
    const worker = await startWorkerProcess({
      ...env,
      env: { TEMPORAL_SPARK_SUBMITTERS_FILE: file, TEMPORAL_SPARK_METRICS_ADDRESS: address },
    });
    try {
      expect((await (await env.spark.start(cluster.pi('before'))).result()).submitter).toBe('isolated');
      write(100);
      await eventually('the worker to take it over', async () => {
        return (await counted(/^temporal_spark_submitters_reloads\{.*result="taken".*\} (\d+)$/m)) === 1;
      });
      expect((await (await env.spark.start(cluster.pi('after'))).result()).submitter).toBe('native');
      const submissions =
        /^temporal_spark_canary_submissions\{(?=.*result="created")(?=.*submitter="native").*\} (\d+)$/m;
      expect(await counted(submissions)).toBe(1);
      writeFileSync(
        join(file, '..', 'broken.mjs'),
        `export const submitter = { name: 'broken', submit: () => Promise.reject(new Error('not today')) };`,
      );
      writeFileSync(
        file,
        `modules: [{ name: broken, module: ./broken.mjs }]\ncanary: [{ submitter: broken, percent: 100, stepBack: { atLeast: 2 } }]\n`,
      );
      await eventually('the worker to take that over', async () => {
        return (await counted(/^temporal_spark_submitters_reloads\{.*result="taken".*\} (\d+)$/m)) === 2;
      });
      const stepsBack = /^temporal_spark_canary_step_backs\{(?=.*submitter="broken").*\} (\d+)$/m;
      for (const [name, steps] of [
        ['fails-once', 0],
        ['fails-twice', 1],
        ['is-not-asked', 1],
      ] as const) {
        expect((await (await env.spark.start(cluster.pi(name))).result()).submitter).toBe('native');
        expect(await counted(stepsBack)).toBe(steps);
      }
    } finally {
      await worker.end();
    }
  });
});
