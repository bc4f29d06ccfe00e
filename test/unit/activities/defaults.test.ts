import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { createSparkActivities, type SparkActivitiesOptions } from '../../../src/activities/index.ts';
import { parseDefaults, TeamDefaults } from '../../../src/defaults/index.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../../src/manifest/index.ts';
import type { AttemptPlan, SubmitAnswer, SubmitInput, TeamDefault } from '../../../src/protocol/index.ts';
import { attemptIdentity } from '../../../src/spark/index.ts';
import type { SparkApplicationSubmitter, SubmissionRequest } from '../../../src/submitters/index.ts';
import { parseTenancy, Tenancy } from '../../../src/tenancy/index.ts';
import { sparkPi } from '../../support/manifests.ts';
import { knownNamespace } from '../../support/temporal-namespace.ts';

/** A cluster with one node. It rejects any write. */
const kubernetes = {
  watch: () => ({
    ...{ ready: Promise.resolve(), release: () => undefined },
    list: () => [{ metadata: { name: 'compute-0', labels: {} } }],
  }),
  version: () => Promise.resolve('1.36'),
  get: () => Promise.resolve(undefined),
  create: () => Promise.reject(new Error('created')),
} as unknown as KubernetesClient;

const defaults = (...rules: object[]) => new TeamDefaults(parseDefaults({ rules }), '/etc/defaults.yaml');
const base = { name: 'base', set: { image: 'team:1', serviceAccount: 'team', timeToLiveSeconds: 60 } };

/** Without an image and a service account. */
function bare(): SparkApplicationManifest {
  const { spec, ...rest } = sparkPi();
  const { image: _image, driver, ...others } = spec;
  const { serviceAccount: _account, ...anonymous } = driver;
  return { ...rest, spec: { ...others, driver: anonymous } };
}

interface Submission {
  readonly answer: unknown;
  /** What the submitter was asked for, if it was. */
  readonly request: SubmissionRequest | undefined;
}

interface Asked {
  readonly manifest?: SparkApplicationManifest;
  readonly recorded?: readonly TeamDefault[];
  readonly records?: SubmitInput['records'];
}

async function submit(
  options: Partial<SparkActivitiesOptions>,
  { manifest = bare(), recorded, records = ['defaults'] }: Asked = {},
): Promise<Submission> {
  let request: SubmissionRequest | undefined;
  const submitter: SparkApplicationSubmitter = {
    name: 'mine',
    submit: (asked) => {
      request = asked;
      return Promise.reject(new Error('submitted'));
    },
  };
  const activities = createSparkActivities({ kubernetes, submitter, ...options });
  const identity = attemptIdentity({
    ...{ workflowId: 'spark/default/pi', firstRunId: 'run', attempt: 1, temporalNamespace: 'default' },
    ...{ applicationName: 'spark-pi', driverPodName: 'spark-pi-driver', submitTime: 0 },
  });
  const input = { manifest, identity, records, ...(recorded === undefined ? {} : { defaults: recorded }) };
  const environment = new MockActivityEnvironment(
    { activityNamespace: 'default', taskQueue: 'spark', startToCloseTimeoutMs: 60_000 },
    { client: knownNamespace() },
  );
  const answer = await environment.run(() => activities.submitSparkApplication(input)).catch((error: unknown) => error);
  return { answer, request };
}

const planOf = ({ answer }: Submission) => (answer as SubmitAnswer & AttemptPlan).defaults!;

describe('a submission of a worker with defaults', () => {
  it('records them before anything is created', async () => {
    const first = await submit({ defaults: defaults(base) });
    expect(first.request).toBeUndefined();
    expect(planOf(first)).toEqual([
      { rule: 'base', path: ['spec', 'image'], value: 'team:1' },
      { rule: 'base', path: ['spec', 'driver', 'serviceAccount'], value: 'team' },
      { rule: 'base', path: ['spec', 'timeToLiveSeconds'], value: 60 },
    ]);
    const other = { name: 'other', match: { namespaces: ['other'] }, set: { image: 'b' } };
    expect(planOf(await submit({ defaults: defaults(other) }, { manifest: sparkPi() }))).toEqual([]);
  });

  it('uses what is recorded, whatever the file has by then, or whether its worker has one', async () => {
    const recorded = planOf(await submit({ defaults: defaults(base) }));
    for (const changed of [defaults({ name: 'new', set: { image: 'team:2' } }), undefined]) {
      const { request } = await submit(changed === undefined ? {} : { defaults: changed }, { recorded });
      expect(request!.submission.conf).toMatchObject({
        'spark.kubernetes.container.image': 'team:1',
        'spark.kubernetes.authenticate.driver.serviceAccountName': 'team',
      });
      expect(request!.identity.annotations).toMatchObject({ 'temporal-spark/time-to-live-seconds': '60' });
    }
  });

  it('uses them at once where the workflow of an older worker would not record them', async () => {
    const { answer, request } = await submit({ defaults: defaults(base) }, { records: [] });
    expect((answer as Error).message).toContain('submitted');
    expect(request!.submission.conf).toMatchObject({ 'spark.kubernetes.container.image': 'team:1' });
  });

  it('is refused for good where no rule gives an image, with the file and the rules', async () => {
    const rule = { name: 'labels', set: { labels: { a: 'b' } } };
    const { answer } = await submit({ defaults: defaults(rule) });
    expect(answer).toMatchObject({ type: 'SubmissionRefused', nonRetryable: true });
    expect((answer as Error).message).toContain(
      'application default/spark-pi has no image, and the defaults of its worker (/etc/defaults.yaml) set none; rules that match it: "labels"',
    );
    expect(((await submit({})).answer as Error).message).toContain('the driver has no image');
  });

  it('is checked as a whole, and a refusal names the rule', async () => {
    const tenancy = new Tenancy(parseTenancy({ rules: [{ name: 'only', serviceAccounts: ['spark'] }] }));
    const refused = (await submit({ defaults: defaults(base), tenancy })).answer as Error;
    expect(refused).toMatchObject({ type: 'TenancyRefused', nonRetryable: true });
    expect(refused.message).toContain('service account "team": tenancy rule "only" allows spark');
    expect(refused.message).toContain('spec.driver.serviceAccount is set by rule "base"');

    const wrong = { name: 'wrong', set: { image: 'a', sparkConf: { 'spark.driver.memory': 'much' } } };
    const { spec, ...rest } = bare();
    const { memory: _memory, ...driver } = spec.driver;
    const invalid = await submit({ defaults: defaults(wrong) }, { manifest: { ...rest, spec: { ...spec, driver } } });
    expect(invalid.answer).toMatchObject({ type: 'SubmissionRefused', nonRetryable: true });
    expect((invalid.answer as Error).message).toContain('is set by rule "wrong"');

    const profile = { name: 'profile', set: { image: 'a', placementProfile: 'nowhere' } };
    const nowhere = (await submit({ defaults: defaults(profile) })).answer as Error;
    expect(nowhere).toMatchObject({ type: 'PlacementRefused' });
    expect(nowhere.message).toContain('is set by rule "profile"');
  });

  it.each<[string, object, Partial<SparkApplicationManifest['spec']>, Partial<SparkActivitiesOptions>, string[]]>([
    [
      'none where the refused value only equals a default',
      { labels: { owner: 'spark' } },
      {},
      { tenancy: new Tenancy(parseTenancy({ rules: [{ name: 'only', serviceAccounts: ['other'] }] })) },
      [],
    ],
    [
      'none where the refused key only begins like that of a default',
      { sparkConf: { 'spark.jars': 'local:///a.jar' } },
      { deps: { packages: ['no-coordinates'] } },
      {},
      [],
    ],
    [
      'that of the value that the refused one contradicts',
      { sparkConf: { 'spark.dynamicAllocation.enabled': 'true', 'spark.dynamicAllocation.minExecutors': '5' } },
      { sparkConf: { 'spark.dynamicAllocation.maxExecutors': '3' } },
      {},
      ['spec.sparkConf["spark.dynamicAllocation.minExecutors"]'],
    ],
    [
      'that of a node selector which the pool contradicts',
      { sparkConf: { 'spark.kubernetes.node.selector.disk': 'ssd', 'spark.kubernetes.node.selector.zone': 'a' } },
      {},
      { placement: { pools: { compute: { labels: { disk: 'hdd' } } } } },
      ['spec.sparkConf["spark.kubernetes.node.selector.disk"]'],
    ],
  ])('is refused with the rule of each value at fault: %s', async (_, set, changed, options, named) => {
    const rule = { name: 'team', set: { image: 'team:1', ...set } };
    const manifest = sparkPi();
    const { image: _image, ...spec } = manifest.spec;
    const { answer } = await submit(
      { defaults: defaults(rule), ...options },
      { manifest: { ...manifest, spec: { ...spec, ...changed } } },
    );
    expect(answer).toMatchObject({ nonRetryable: true });
    const { message } = answer as Error;
    expect([...message.matchAll(/(\S+) is set by rule/g)].map(([, path]) => path)).toEqual(named);
  });
});
