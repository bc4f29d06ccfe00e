import { describe, expect, it } from 'vitest';
import { applicationOf, readCommandLine } from '../../support/front-door.ts';

const application = (image: string, ...args: string[]) =>
  applicationOf([
    ...['--master', 'k8s://host:6443', '--class', 'org.example.Main'],
    ...['--conf', `spark.kubernetes.container.image=${image}`, ...args, 'local:///app.jar'],
  ]);

describe('the version of Spark', () => {
  it.each([
    ['apache/spark:4.1.4', '4.1.4'],
    ['apache/spark:v3.5.9', '3.5.9'],
    ['registry.example.org:5000/team/spark:4.0.5-scala2.13-java21-ubuntu', '4.0.5'],
    ['spark:4.2.0-preview5', '4.2.0-preview5'],
    ['spark:spark-3.4.4_2', '3.4.4'],
    ['spark:3.5.9@sha256:0123456789abcdef', '3.5.9'],
  ])('is read from the tag of %s', (image, version) => {
    expect(application(image).spec.sparkVersion).toBe(version);
  });

  it.each(['spark', 'spark:latest', 'spark:4.1', 'team:app-4.1.4', 'host:4.1.4/spark', 'spark@sha256:0123'])(
    'is asked for where the tag of %s does not begin with it',
    (image) => {
      expect(() => application(image)).toThrow('--spark-version X.Y.Z');
    },
  );

  it("is that of the driver's image, where it has its own", () => {
    const own = ['--conf', 'spark.kubernetes.driver.container.image=spark:3.5.9'];
    expect(application('spark:4.1.4', ...own).spec.sparkVersion).toBe('3.5.9');
  });
});

describe('the name', () => {
  it.each([
    ['My ETL_job.v2', 'my-etl-job-v2'],
    ['2nd', 'xnd'],
    [`${'long-'.repeat(12)}and-more`, `${'long-'.repeat(12)}and`],
  ])('%s becomes %s', (name, expected) => {
    const { metadata, spec } = application('spark:4.1.4', '--name', name);
    expect(metadata.name).toBe(expected);
    expect(spec.sparkConf?.['spark.app.name']).toBe(name);
  });

  it('is asked for where nothing is left of it', () => {
    expect(() => application('spark:4.1.4', '--name', '漢字')).toThrow('--name');
  });
});

describe('the end', () => {
  const waits = (...args: string[]) =>
    readCommandLine(
      ['--master', 'k8s://h', '--class', 'C', ...args, 'local:///a.jar'].filter((arg) => arg !== ''),
      { sparkVersion: '4.1.4' },
    ).waits;

  it('is waited for unless spark-submit would not', () => {
    expect(waits()).toBe(true);
    expect(waits('--conf', 'spark.kubernetes.submission.waitAppCompletion=false')).toBe(false);
  });
});

it('leaves the number of executors to dynamic allocation', () => {
  expect(application('spark:4.1.4').spec.sparkConf?.['spark.executor.instances']).toBe('2');
  const { spec } = application('spark:4.1.4', '--conf', 'spark.dynamicAllocation.enabled=true');
  expect(spec.sparkConf?.['spark.executor.instances']).toBeUndefined();
  expect(spec.executor.instances).toBeUndefined();
});

it.each(['k8s://host', 'k8s://host:6443', 'k8s://http://10.0.0.1:8080/path', 'k8s://https://[::1]:6443'])(
  'takes %s for a master',
  (master) => {
    const args = ['--master', master, '--class', 'C', 'local:///a.jar'];
    expect(() => readCommandLine(args, { sparkVersion: '4.1.4' })).not.toThrow();
  },
);

it.each(['local[*]', 'spark://host:7077', 'https://host', 'k8s://', 'k8s://ftp://host', 'k8s://a b'])(
  'does not take %s for a master',
  (master) => {
    const args = ['--master', master, '--class', 'C', 'local:///a.jar'];
    expect(() => readCommandLine(args, { sparkVersion: '4.1.4' })).toThrow('k8s://https://host:port');
  },
);
