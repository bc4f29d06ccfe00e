import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigMap, Pod } from '../../../src/kubernetes/objects.ts';
import { attemptIdentity } from '../../../src/spark/attempt.ts';
import { buildDriverObjects, type SparkSubmission, type SubmissionIdentity } from '../../../src/spark/index.ts';
import { readJavaProperties } from '../../../src/spark/spark-submit-cli/java-properties.ts';
import { FairGate } from '../../../src/submitters/batch/fair-gate.ts';
import { WriteRate } from '../../../src/submitters/batch/write-rate.ts';
import { sharedConfiguration, withSharedConfiguration } from '../../../src/submitters/shared-configuration.ts';
import { submission, withConf } from '../spark/fixtures.ts';

const never = new AbortController().signal;

function identityOf(applicationName: string): SubmissionIdentity {
  return attemptIdentity({
    workflowId: `spark/analytics/${applicationName}`,
    firstRunId: 'run',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName,
    driverPodName: `${applicationName}-driver`,
    submitTime: 1_700_000_000_000 + applicationName.length,
  });
}

function parts(base: SparkSubmission, name: string) {
  const request = { submission: { ...base, appName: name }, identity: identityOf(name) };
  const objects = buildDriverObjects(request.submission, request.identity);
  return { objects, shared: sharedConfiguration(objects, request)! };
}

const propertiesIn = ({ data }: ConfigMap) => Object.fromEntries(readJavaProperties(data!['spark.properties']!));

function confOf(pod: Pod): Record<string, string> {
  const args = pod.spec!.containers[0]!.args!;
  const pairs = args.flatMap((arg, index) => (arg === '--conf' ? [args[index + 1]!.replaceAll('$$', '$')] : []));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

describe('the configuration that drivers share', () => {
  it('is the same for applications that differ in their name only, and not for others', () => {
    const [one, other] = [parts(submission, 'one'), parts(submission, 'quite-another')];
    expect(one.shared.key).toBe(other.shared.key);
    expect(parts(withConf({ 'spark.executor.memory': '3g' }), 'one').shared.key).not.toBe(one.shared.key);
    expect(parts({ ...submission, namespace: 'elsewhere' }, 'one').shared.key).not.toBe(one.shared.key);
  });

  it('contains nothing of a single application, and no label of one', () => {
    for (const configMap of parts(submission, 'one').shared.configMaps) {
      const { name, ...rest } = configMap.metadata!;
      expect(name).toContain('one');
      expect(rest).toEqual({ namespace: 'analytics' });
      const { submissionId, sparkApplicationId, resourceNamePrefix } = identityOf('one');
      for (const own of [submissionId, sparkApplicationId, resourceNamePrefix]) {
        expect(JSON.stringify(configMap.data)).not.toContain(own);
      }
    }
  });

  it('with the command line of the driver, is what Spark would have read from its own ConfigMap', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('one', 'one-driver', '$(HOME) $$ \\', ' = : #', '{{APP_ID}}'));
    const conf = fc.dictionary(fc.stringMatching(/^spark\.[a-z]{1,9}\.[a-zA-Z$]{1,9}$/), value, { maxKeys: 8 });
    fc.assert(
      fc.property(conf, (added) => {
        const { objects, shared } = parts(withConf(added), 'one');
        const names = shared.configMaps.map((_, index) => `shared-${index}`);
        const sharing = withSharedConfiguration(objects, shared, names);
        const own = objects.dependents.find(({ kind }) => kind === 'ConfigMap') as ConfigMap;
        expect({ ...propertiesIn(shared.configMaps[0]!), ...confOf(sharing.pod) }).toEqual(propertiesIn(own));
        expect(sharing.dependents.map(({ kind }) => kind)).toEqual(['Service']);
        expect(sharing.pod.spec!.volumes!.flatMap(({ configMap }) => configMap?.name ?? [])).toEqual(names);
      }),
    );
  });

  it.each([
    ['spark.hadoop.fs.s3a.bucket.one-driver.secret.key', 'secret'],
    ['spark.datasource.url', 'jdbc:postgresql://db/one?ApplicationName=one-driver&password=secret'],
    ['spark.datasource.password', 'one'],
    ['spark.driver.extraJavaOptions', '-Dname=one-driver'],
  ])('leaves %s in the file, whatever it contains of the application', (key, value) => {
    const { shared } = parts(withConf({ [key]: value }), 'one');
    expect(Object.keys(shared.ownConf)).not.toContain(key);
    expect(propertiesIn(shared.configMaps[0]!)).toMatchObject({ [key]: value });
    expect(Object.values(shared.ownConf)).not.toContain('secret');
  });

  it('includes the pod template of executors', () => {
    const { shared } = parts({ ...submission, executorPodTemplate: { metadata: { labels: { team: 'a' } } } }, 'one');
    expect(shared.configMaps.map(({ metadata }) => metadata!.name)).toEqual([
      expect.stringMatching(/podspec-conf-map$/),
      expect.stringMatching(/driver-conf-map$/),
    ]);
  });
});

describe('the rate of writes to a cluster', () => {
  const limits = { initial: 100, minimum: 5, maximum: 200 };
  let time = 0;
  const rate = (given = limits) => {
    time = 0;
    return new WriteRate(given, () => time);
  };

  it('admits what the bucket holds, and then its rate', () => {
    const writes = rate();
    let through = 0;
    while (time < 1_000) {
      const waitMs = writes.take(3);
      if (waitMs === 0) through += 3;
      time += waitMs;
    }
    expect(through).toBeGreaterThanOrEqual(100);
    expect(through).toBeLessThanOrEqual(112);
  });

  it('admits in its turn what exceeds the bucket', () => {
    const writes = rate();
    expect(writes.take(50)).toBe(0);
    expect(writes.take(1)).toBeGreaterThan(400);
  });

  it('halves where the cluster refuses, not below its minimum, and rises again while it limits', () => {
    const writes = rate();
    for (let refusals = 1; refusals <= 10; refusals++) {
      time += 500;
      writes.refused();
      writes.refused();
    }
    expect(writes.perSecond).toBe(limits.minimum);
    for (let second = 0; second < 20; second++) {
      while (writes.take(1) === 0);
      time += 500;
      writes.answered(5);
    }
    expect(writes.perSecond).toBe(limits.maximum);
  });

  it('falls where the cluster becomes slow', () => {
    const writes = rate();
    const answers = (latencyMs: number) => {
      for (let count = 0; count < 20; count++) {
        time += 100;
        writes.answered(latencyMs);
      }
    };
    answers(5);
    expect(writes.perSecond).toBe(limits.initial);
    answers(400);
    expect(writes.perSecond).toBeLessThan(limits.initial);
  });
});

describe('the gate to a cluster', () => {
  const unlimited = () => new WriteRate({ initial: 1e6, minimum: 1e6, maximum: 1e6 });

  it('alternates between lanes, and limits how many run at once', async () => {
    const gate = new FairGate(2, unlimited());
    const order: string[] = [];
    let running = 0;
    let most = 0;
    const work = (lane: string) =>
      gate.within(lane, 1, never, async () => {
        most = Math.max(most, ++running);
        order.push(lane);
        await new Promise(setImmediate);
        running -= 1;
      });
    await Promise.all([
      ...Array.from({ length: 20 }, () => work('many')),
      ...Array.from({ length: 3 }, () => work('few')),
    ]);
    expect(most).toBe(2);
    expect(order).toHaveLength(23);
    expect(order.lastIndexOf('few')).toBeLessThan(9);
  });

  it('forgets aborted work, continues after a failure, and waits for tokens', async () => {
    const gate = new FairGate(1, new WriteRate({ initial: 100, minimum: 100, maximum: 100 }));
    const aborting = new AbortController();
    const failing = gate.within('a', 10, never, async () => {
      throw new Error('failed');
    });
    const givingUp = gate.within('a', 1, aborting.signal, async () => 'never');
    const last = gate.within('a', 1, never, async () => 'done');
    aborting.abort(new Error('given up'));
    await expect(failing).rejects.toThrow('failed');
    await expect(givingUp).rejects.toThrow('given up');
    await expect(last).resolves.toBe('done');
  });
});
