/** What users type who have only kubectl: nothing here uses a client of ours, except to see what became of a driver. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { root } from '../support/build.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { exampleManifests, exampleText, prerequisites } from '../support/example-manifests.ts';
import { kubectlAt, type Kubectl } from '../support/kubectl.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { useOperator } from '../support/operator-fixture.ts';
import { scheduledApplication } from '../support/schedules.ts';

const cluster = useCluster('kubectl', { worker: {} });
const { pi, driverOf, runningDriver } = cluster;
const operator = useOperator(cluster);
const { inState } = operator;

let kubectl: Kubectl;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'temporal-spark-kubectl-'));
  kubectl = await kubectlAt({ kubeconfig: cluster.env.kubeconfig, namespace: cluster.env.namespace });
  await operator.start();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const applied = (manifest: SparkApplicationManifest) => kubectl(['apply', '-f', '-'], { stdin: stringify(manifest) });

const COMPLETED = 'jsonpath={.status.applicationState.state}=COMPLETED';

const waitFor = (...names: string[]) =>
  kubectl(['wait', `--for=${COMPLETED}`, ...names.map((name) => `sparkapplication/${name}`), '--timeout=5m']);

/** Lets a driver that runs until it is deleted end now. */
const endDriver = (name: string) =>
  kubectl(['annotate', 'pod', `${name}-driver`, '--overwrite', 'lab.temporal-spark/run-seconds=0']);

describe('kubectl apply', () => {
  it('runs every example; kubectl wait returns once they have completed', async () => {
    // No simulated node takes the drivers of these.
    const elsewhere = ['claims-on-demand.yaml', 'yunikorn.yaml'];
    const files = exampleManifests.filter((file) => !elsewhere.includes(file));
    const first = (await readFile(join(root, 'examples', 'spark-pi.yaml'), 'utf8')).replace(
      'default',
      cluster.env.namespace,
    );
    const texts = [first, ...files.map((each) => exampleText(each, cluster.env.namespace))];
    const file = join(directory, 'examples.yaml');
    await writeFile(file, texts.join('\n---\n'));
    const needed = prerequisites(cluster.env.namespace).filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret');
    await kubectl(['apply', '-f', '-'], { stdin: needed.map((object) => stringify(object)).join('---\n') });
    const output = await kubectl(['apply', '-f', file]);
    const names = [...output.matchAll(/^sparkapplication\.sparkoperator\.k8s\.io\/(\S+) created$/gm)].map(
      ([, name]) => name!,
    );
    expect(names.length).toBeGreaterThanOrEqual(texts.length);
    expect((await waitFor(...names)).split('\n')).toHaveLength(names.length);
    // Nothing of it is new.
    const again = await kubectl(['apply', '-f', file]);
    expect(again.split('\n').every((line) => line.endsWith(' unchanged'))).toBe(true);
  });
});

it('kubectl get --watch shows the columns of the operator, and each state as it comes', async () => {
  const watch = kubectl.watch(['get', 'sparkapp', '--watch', '--field-selector=metadata.name=watched']);
  try {
    await applied(pi('watched', RUN_FOREVER));
    const shows = (state: string) => () => watch.lines().some((line) => line.includes(` ${state} `));
    await eventually('RUNNING to be shown', shows('RUNNING'));
    await endDriver('watched');
    await eventually('COMPLETED to be shown', shows('COMPLETED'));
    const [header, ...rows] = watch.lines();
    expect(header!.split(/ +/)).toEqual(['NAME', 'SUSPEND', 'STATUS', 'ATTEMPTS', 'START', 'FINISH', 'AGE']);
    const states = rows.map((row) => /[A-Z_]{4,}/.exec(row)?.[0] ?? '');
    expect(states.filter((state, index) => state !== states[index - 1])).toEqual([
      ...['', 'SUBMITTED', 'RUNNING', 'COMPLETED'],
    ]);
    const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
    expect(rows.at(-1)).toMatch(new RegExp(`^watched +COMPLETED +1 +${time} +${time} +\\d+m?\\d*s? *$`));
  } finally {
    await watch.stop();
  }
});

it('kubectl get shows the columns of a schedule, and kubectl delete ends it', async () => {
  const stdin = stringify(scheduledApplication('nightly', cluster.env.namespace, { timeZone: 'Europe/Berlin' }));
  await kubectl(['apply', '-f', '-'], { stdin });
  await kubectl([
    'wait',
    '--for=jsonpath={.status.scheduleState}=Scheduled',
    'scheduledsparkapp/nightly',
    '--timeout=5m',
  ]);
  const [header, row] = (await kubectl(['get', 'scheduledsparkapp'])).split('\n');
  expect(header!.split(/ {2,}/)).toEqual([
    'NAME',
    'SCHEDULE',
    'TIMEZONE',
    'SUSPEND',
    'LAST RUN',
    'LAST RUN NAME',
    'AGE',
  ]);
  expect(row).toMatch(/^nightly +0 3 \* \* \* +Europe\/Berlin +\d+s *$/);
  await kubectl(['delete', 'scheduledsparkapp', 'nightly']);
  const schedule = cluster.env.client.schedule.getHandle(`spark/${cluster.env.namespace}/nightly`);
  await eventually('the schedule to go', () =>
    schedule.describe().then(
      () => false,
      () => true,
    ),
  );
});

it('kubectl describe shows the Events of the resource', async () => {
  await applied(pi('described'));
  await waitFor('described');
  const reasons = ['SparkApplicationSubmitted', 'SparkDriverRunning', 'SparkDriverCompleted'];
  await eventually('all Events', async () => {
    const text = await kubectl(['describe', 'sparkapplication', 'described']);
    expect(text).toContain('State:  COMPLETED');
    const missing = reasons.filter((reason) => !text.includes(reason));
    if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
    return true;
  });
});

describe('kubectl delete', () => {
  it.each(['background', 'foreground'])('stops the driver, and returns: --cascade=%s', async (cascade) => {
    const name = `deleted-${cascade}`;
    await applied(pi(name, RUN_FOREVER));
    await inState(name, 'RUNNING');
    expect(await kubectl(['delete', 'sparkapp', name, `--cascade=${cascade}`])).toContain(`"${name}" deleted`);
    // In the foreground it has waited for the driver.
    if (cascade === 'foreground') expect(await driverOf(name)).toBeUndefined();
    else await eventually('the driver to go', async () => (await driverOf(name)) === undefined);
    await expect(cluster.env.spark.result(`spark/${cluster.env.namespace}/${name}`)).rejects.toThrow('was deleted');
  });

  it('leaves the driver with --cascade=orphan', async () => {
    await applied(pi('orphaned', RUN_FOREVER));
    await inState('orphaned', 'RUNNING');
    await kubectl(['delete', 'sparkapp', 'orphaned', '--cascade=orphan']);
    expect((await kubectl.attempt(['get', 'sparkapp', 'orphaned'])).stderr).toContain('NotFound');
    expect((await driverOf('orphaned'))!.metadata!.deletionTimestamp).toBeUndefined();
    await endDriver('orphaned');
    expect(await cluster.env.spark.result(`spark/${cluster.env.namespace}/orphaned`)).toMatchObject({
      state: 'COMPLETED',
    });
  });

  it('and apply of the same name at once runs the second one', async () => {
    await applied(pi('reused', RUN_FOREVER));
    const before = await runningDriver('reused');
    await inState('reused', 'RUNNING');
    await kubectl(['delete', 'sparkapp', 'reused']);
    const begun = performance.now();
    await applied(pi('reused', RUN_FOREVER));
    const next = await eventually('the second driver to run', async () => {
      const driver = await driverOf('reused');
      return driver?.metadata?.uid !== before.metadata!.uid && driver?.status?.phase === 'Running' && driver;
    });
    console.log(
      `From kubectl apply of a name that was just deleted to its driver: ${Math.round(performance.now() - begun)} ms`,
    );
    expect(next.metadata!.ownerReferences![0]!.uid).toBe((await operator.get('reused'))!.metadata!.uid);
    await endDriver('reused');
    await waitFor('reused');
    expect(cluster.drivers.attemptsOf('reused')).toHaveLength(2);
  });
});

describe('an edit', () => {
  /** Of an application that runs: what replaces its driver. */
  async function replaces(name: string, edit: () => Promise<unknown>): Promise<void> {
    await applied(pi(name, RUN_FOREVER));
    await inState(name, 'RUNNING');
    const before = await runningDriver(name);
    await edit();
    await eventually('another driver', async () => {
      const driver = await driverOf(name);
      return driver?.metadata?.uid !== before.metadata!.uid && driver?.status?.phase === 'Running';
    });
    await endDriver(name);
    await waitFor(name);
  }

  it('with kubectl edit replaces the driver', () =>
    replaces('edited', async () => {
      const editor = join(directory, 'editor.sh');
      await writeFile(editor, '#!/bin/sh\nsed -i "s/coreRequest: 200m/coreRequest: 300m/" "$1"\n', { mode: 0o755 });
      const output = await kubectl(['edit', 'sparkapp', 'edited'], { env: { KUBE_EDITOR: editor } });
      expect(output).toContain('edited');
    }));

  it('with kubectl apply of the changed file replaces the driver', () =>
    replaces('reapplied', async () => {
      const manifest = pi('reapplied', RUN_FOREVER);
      manifest.spec.arguments = ['77'];
      expect(await applied(manifest)).toContain('configured');
    }));

  it.each([
    ['merge', { spec: { arguments: ['7'] } }],
    ['json', [{ op: 'replace', path: '/spec/arguments/0', value: '8' }]],
  ])('with kubectl patch --type=%s replaces the driver', (type, patch) =>
    replaces(`patched-${type}`, () =>
      kubectl(['patch', 'sparkapp', `patched-${type}`, `--type=${type}`, '--patch', JSON.stringify(patch)]),
    ),
  );

  it('of suspend stops the driver and starts it again', async () => {
    await applied(pi('suspended', RUN_FOREVER));
    await inState('suspended', 'RUNNING');
    const set = (suspend: boolean) =>
      kubectl(['patch', 'sparkapp', 'suspended', '--type=merge', '--patch', JSON.stringify({ spec: { suspend } })]);
    await set(true);
    await kubectl([
      'wait',
      '--for=jsonpath={.status.applicationState.state}=SUSPENDED',
      'sparkapp/suspended',
      '--timeout=5m',
    ]);
    await set(false);
    await inState('suspended', 'RUNNING');
    await endDriver('suspended');
    await waitFor('suspended');
  });

  it('of a label leaves the driver alone', async () => {
    await applied(pi('labelled', RUN_FOREVER));
    await inState('labelled', 'RUNNING');
    await kubectl(['label', 'sparkapp', 'labelled', 'team=data']);
    await endDriver('labelled');
    await waitFor('labelled');
    expect(cluster.drivers.attemptsOf('labelled')).toHaveLength(1);
  });
});

describe('what the API server refuses by itself', () => {
  it('is another version, and an edit of a field that cannot change; the driver runs on', async () => {
    const manifest = { ...pi('other-version'), apiVersion: 'sparkoperator.k8s.io/v1beta1' };
    const { code, stderr } = await kubectl.attempt(['apply', '-f', '-'], { stdin: stringify(manifest) });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no matches for kind "SparkApplication" in version') as string,
    });
    await applied(pi('unchangeable', RUN_FOREVER));
    await inState('unchangeable', 'RUNNING');
    for (const metadata of [{ name: 'other' }, { uid: 'other' }, { creationTimestamp: null }]) {
      await kubectl.attempt(['patch', 'sparkapp', 'unchangeable', '--type=merge', '-p', JSON.stringify({ metadata })]);
    }
    await endDriver('unchangeable');
    await waitFor('unchangeable');
    expect(cluster.drivers.attemptsOf('unchangeable')).toHaveLength(1);
  });
});

describe('kubectl explain', () => {
  it.each([
    ...[
      '',
      '.spec',
      '.spec.driver',
      '.spec.executor',
      '.spec.restartPolicy',
      '.spec.monitoring',
      '.status',
      '.status.driverInfo',
    ].map((path) => `sparkapplication${path}`),
    ...['.spec', '.spec.template', '.spec.template.driver', '.status'].map(
      (path) => `scheduledsparkapplication${path}`,
    ),
  ])('has a text for every field of %s', async (path) => {
    const text = await kubectl(['explain', path]);
    const fields = [...text.matchAll(/^ {2}(\w+)\t<[^>]+>( -required-)?$/gm)].map(([, name]) => name!);
    expect(fields.length).toBeGreaterThan(1);
    expect(text).not.toContain('<no description>');
  });
});
