import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { ensureTools } from '../../lab/toolchain/toolchain.ts';
import { tools } from '../../lab/toolchain/tools.ts';
import type { PodSpec } from '../../src/kubernetes/objects.ts';
import { chartObjects } from '../support/chart.ts';
import { commandLinesOf, parseCommandLine } from '../support/command-lines.ts';

const CHART = 'deploy/helm/temporal-spark';

async function helm(...args: string[]): Promise<string> {
  const [path] = await ensureTools([tools.helm]);
  return (await execa(path!, args)).stdout;
}

async function render(values: object) {
  const directory = await mkdtemp(join(tmpdir(), 'chart-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return chartObjects({ namespace: 'workers', values: { applications: { clusterWide: true }, ...values }, directory });
}

describe('the chart without values', () => {
  it('reports all that is missing in words, with examples', async () => {
    await expect(helm('template', 'a', CHART)).rejects.toThrow(
      /- image\.repository is missing: build [^]*- temporal\.address is missing: set it to host:port [^]*- applications has no namespace: set /,
    );
  });

  it('passes helm lint', async () => {
    expect(await helm('lint', '--strict', CHART)).toContain('0 chart(s) failed');
  });
});

describe('the chart', () => {
  it.each<[string, object, RegExp]>([
    ['a digest as a tag', { image: { repository: 'a', tag: 'latest@sha256:abc' } }, /set a digest in image\.digest/],
    [
      'a digest of another form',
      { image: { repository: 'a', digest: 'abc' } },
      /image\.digest is "abc", but a digest is/,
    ],
    ['an address without a port', { temporal: { address: 'temporal' } }, /is "temporal", but must be host:port/],
    [
      'a resource that is not a quantity',
      { resources: { limits: { cpu: 1, memory: 'lots' } } },
      /resources\.limits\.memory is "lots", which is not a quantity/,
    ],
    [
      'an unknown submitter',
      { submitters: { default: 'nativ' } },
      /submitters chooses "nativ", which does not exist: choose one of native, batch, /,
    ],
    [
      'the names that other charts have for the nodes of the workers',
      { nodeSelector: { pool: 'a' }, tolerations: [{ operator: 'Exists' }] },
      /set controllerPool\.labels [^]*tolerations has no effect: set controllerPool\.tolerations/,
    ],
    [
      'certificates that are in no Secret',
      { temporal: { address: 't:1', tls: { ca: true } } },
      /set temporal\.tls\.secretName to its name and temporal\.tls\.enabled to true/,
    ],
    [
      'choices of an operator that is off',
      { operator: { selector: 'team=data', admissionPolicy: true } },
      /operator\.enabled is false, so operator\.admissionPolicy, operator\.selector have no effect/,
    ],
    ...['team in (data', ',', 'a b', 'size>1'].map((selector): [string, object, RegExp] => [
      `the label selector "${selector}"`,
      { operator: { enabled: true, selector } },
      /operator\.selector is ".+", which is not a label selector: write key=value, /,
    ]),
  ])('rejects %s', async (_, values, message) => {
    await expect(render(values)).rejects.toThrow(message);
  });

  it.each([
    ['', {}],
    ['team', { matchExpressions: [{ key: 'team', operator: 'Exists' }] }],
    [
      'a.b/team in (data, ml), tier!=low,!legacy',
      {
        matchExpressions: [
          { key: 'a.b/team', operator: 'In', values: ['data', 'ml'] },
          { key: 'tier', operator: 'NotIn', values: ['low'] },
          { key: 'legacy', operator: 'DoesNotExist' },
        ],
      },
    ],
  ])('binds the admission policies to resources with the label selector "%s"', async (selector, expected) => {
    const objects = await render({ operator: { enabled: true, admissionPolicy: true, selector } });
    const bindings = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    expect(bindings).toHaveLength(3);
    for (const binding of bindings)
      expect(binding).toMatchObject({ spec: { matchResources: { objectSelector: expected } } });
  });

  it.each(['a #b', 'a: "b"', "a'b", '{{ a }}'])('has alerts on the task queue %s', async (taskQueue) => {
    const objects = await render({
      temporal: { address: 't:1', taskQueue },
      metrics: { prometheusRule: { enabled: true } },
    });
    const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
    expect(JSON.stringify(rule)).toContain(JSON.stringify(`task_queue=${JSON.stringify(taskQueue)}`).slice(1, -1));
  });

  it('takes quantities of every form, and a submitter of its own', async () => {
    const limits = { cpu: 1.5, memory: '1Gi', 'ephemeral-storage': '1e9' };
    const submitters = { default: 'own', modules: [{ name: 'own', module: '/own/submitter.js' }] };
    await expect(render({ resources: { limits }, submitters })).resolves.toBeDefined();
  });

  it('adds names, annotations, labels, volumes and a digest', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const objects = await render({
      image: { repository: 'a', tag: '1', digest },
      fullnameOverride: 'spark-workers',
      serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn' } },
      podAnnotations: { injected: 'false' },
      podLabels: { team: 'data' },
      worker: {
        extraVolumes: [{ name: 'own', configMap: { name: 'own' } }],
        extraVolumeMounts: [{ name: 'own', mountPath: '/own' }],
      },
    });
    const named = (kind: string) => objects.find((object) => object.kind === kind);
    expect(named('ServiceAccount')?.metadata).toMatchObject({
      name: 'spark-workers',
      annotations: { 'eks.amazonaws.com/role-arn': 'arn' },
    });
    expect(named('Deployment')).toMatchObject({
      metadata: { name: 'spark-workers', labels: { 'app.kubernetes.io/version': '1' } },
      spec: {
        template: {
          metadata: { annotations: { injected: 'false' }, labels: { team: 'data' } },
          spec: {
            containers: [
              {
                image: `a:1@${digest}`,
                volumeMounts: expect.arrayContaining([{ name: 'own', mountPath: '/own' }]) as unknown,
              },
            ],
            volumes: expect.arrayContaining([{ name: 'own', configMap: { name: 'own' } }]) as unknown,
          },
        },
      },
    });
  });
});

describe('helm test', () => {
  const doctorPod = async (...sets: string[]) => {
    const values = ['image.repository=r/i', 'temporal.address=t:7233', ...sets].flatMap((each) => ['--set', each]);
    const text = await helm('template', 'a', CHART, '-n', 'workers', ...values, '-s', 'templates/tests/doctor.yaml');
    return parse(text) as { metadata: { annotations: Record<string, string> }; spec: PodSpec };
  };

  it('runs doctor as the workers run', async () => {
    const { metadata, spec } = await doctorPod(
      'applications.namespaces={etl,reports}',
      'applications.isolated=true',
      'temporal.tls.enabled=true',
      'temporal.tls.ca=true',
      'temporal.tls.secretName=certificates',
      'controllerPool.labels.pool=workers',
    );
    expect(metadata.annotations['helm.sh/hook']).toBe('test');
    const [{ args = [], env = [], volumeMounts = [] } = {}] = spec.containers;
    expect(args).toEqual(['doctor', '-n', 'etl', '--isolated', 'impersonation']);
    expect(await parseCommandLine(args)).toBe('doctor');
    expect(spec.serviceAccountName).toBe('a-temporal-spark');
    expect(env).toContainEqual({ name: 'TEMPORAL_ADDRESS', value: 't:7233' });
    expect(env).toContainEqual({ name: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH', value: '/etc/temporal-tls/ca.crt' });
    expect(volumeMounts.map(({ name }) => name)).toEqual(spec.volumes?.map(({ name }) => name));
    expect(JSON.stringify(spec.affinity)).toContain('{"key":"pool","operator":"In","values":["workers"]}');
  });

  it('names no namespace where workers serve all', async () => {
    const { spec } = await doctorPod('applications.clusterWide=true');
    expect(spec.containers[0]!.args).toEqual(['doctor']);
  });

  it('checks what an operator needs where workers serve resources', async () => {
    const { spec } = await doctorPod('applications.clusterWide=true', 'operator.enabled=true');
    const { args = [] } = spec.containers[0]!;
    expect(args).toEqual(['doctor', '--operator']);
    expect(await parseCommandLine(args)).toBe('doctor');
  });
});

describe('the notes of the chart', () => {
  const notes = (...sets: string[]) =>
    helm(
      ...['install', 'a', CHART, '--namespace', 'workers', '--dry-run=client'],
      ...['image.repository=a', 'temporal.address=t:1', ...sets].flatMap((set) => ['--set', set]),
    ).then((printed) => printed.split('NOTES:')[1]!);

  it('have commands that exist, for each namespace, in the pods of the workers', async () => {
    const text = await notes('applications.namespaces={etl,reports}', 'applications.isolated=true');
    const lines = commandLinesOf(text);
    expect(lines.map(([command]) => command)).toEqual(['setup', 'doctor', 'run', 'release']);
    for (const words of lines) expect(await parseCommandLine(words)).toBe(words[0]);
    expect(text).toContain(
      'kubectl -n workers exec deployment/a-temporal-spark -- temporal-spark setup --task-queue temporal-spark -n etl -n reports',
    );
  });

  it('name the kinds that the cluster of an operator does not know', async () => {
    const missing = 'kubectl apply -f deploy/helm/temporal-spark/crds/sparkconnects.yaml';
    const sets = ['applications.clusterWide=true', 'operator.enabled=true'];
    // A dry run knows no cluster.
    const text = await notes(...sets);
    expect(text).toContain(missing);
    expect(text).toContain('temporal-spark doctor --operator');
    expect(await notes(...sets.slice(0, 1))).not.toContain(missing);
  });

  it('name no namespace where workers serve all', async () => {
    expect(await notes('applications.clusterWide=true')).not.toContain(
      'temporal-spark setup --task-queue temporal-spark -n',
    );
  });

  it('explain pods that stay Pending on managed clusters, unless the nodes of the workers are named', async () => {
    expect(await notes('applications.clusterWide=true')).toMatch(/stays Pending[^]*controllerPool\.labels/);
    expect(await notes('applications.clusterWide=true', 'controllerPool.labels.pool=a')).not.toContain('Pending');
  });
});
