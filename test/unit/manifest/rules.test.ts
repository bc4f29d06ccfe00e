import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../../src/manifest/index.ts';
import { application, problemsOf, schedule } from './manifests.ts';

const ingress = (servicePort: number, ingressURLFormat: string) => ({
  servicePort,
  servicePortName: `port-${servicePort}`,
  ingressURLFormat,
});

describe('an application', () => {
  it('may not run in client mode', () => {
    expect(problemsOf(application({ mode: 'client' }))).toMatchObject([
      { pathText: 'spec.mode', value: 'client', code: 'not_supported', allowed: '"cluster"' },
    ]);
  });

  it('may select nodes for all pods or for each role, not both', () => {
    const nodeSelector = { zone: 'a' };
    expect(problemsOf(application({ nodeSelector }))).toEqual([]);
    expect(problemsOf(application({ driver: { nodeSelector }, executor: { nodeSelector } }))).toEqual([]);
    const both = problemsOf(application({ nodeSelector, driver: { nodeSelector }, executor: { nodeSelector } }));
    expect(both).toMatchObject([
      { pathText: 'spec.driver.nodeSelector', code: 'exclusive' },
      { pathText: 'spec.executor.nodeSelector', code: 'exclusive' },
    ]);
    expect(both[0]?.message).toBe('node selector cannot be defined at both SparkApplication and Driver/Executor');
  });

  it('may use pod templates from Spark 3.0.0 on', () => {
    expect(problemsOf(application({ sparkVersion: '3.0.0', driver: { template: {} } }))).toEqual([]);
    expect(
      problemsOf(application({ sparkVersion: '2.4.8', driver: { template: {} }, executor: { template: {} } })),
    ).toMatchObject([
      { pathText: 'spec.driver.template', message: 'pod template feature requires Spark version 3.0.0 or higher' },
      { pathText: 'spec.executor.template' },
    ]);
  });

  it('may not have its driver restarted in place by its container', () => {
    const driver = (...containers: object[]) => application({ driver: { template: { spec: { containers } } } });
    const name = 'spark-kubernetes-driver';
    const sidecar = { name: 'proxy', restartPolicy: 'Always' };
    const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
    const where = 'spec.driver.template.spec.containers';
    expect(problemsOf(driver({ name, restartPolicy: 'Always' }))).toMatchObject([
      { pathText: `${where}[0].restartPolicy`, message: 'would restart the driver inside its pod, unobserved' },
    ]);
    expect(problemsOf(driver(sidecar, { name, restartPolicy: 'Never', restartPolicyRules: rules }))).toMatchObject([
      { pathText: `${where}[1].restartPolicyRules` },
    ]);
    // Without that name the first container is the driver's.
    expect(problemsOf(driver({ restartPolicy: 'OnFailure' }, sidecar))).toMatchObject([
      { pathText: `${where}[0].restartPolicy` },
    ]);
    const named = { 'spark.kubernetes.driver.podTemplateContainerName': 'mine' };
    const template = { spec: { containers: [sidecar, { name: 'mine', restartPolicy: 'Always' }] } };
    expect(problemsOf(application({ sparkConf: named, driver: { template } }))).toMatchObject([
      { pathText: `${where}[1].restartPolicy` },
    ]);
    expect(problemsOf(driver(sidecar, { name, restartPolicy: 'Never' }))).toEqual([]);
  });

  it('may not have fewer executors at most than at least', () => {
    expect(problemsOf(application({ dynamicAllocation: { minExecutors: 2, maxExecutors: 2 } }))).toEqual([]);
    expect(problemsOf(application({ dynamicAllocation: { minExecutors: 3, maxExecutors: 2 } }))).toMatchObject([
      { pathText: 'spec.dynamicAllocation.maxExecutors', value: 2, allowed: 'at least 3' },
    ]);
  });

  it('needs a port and a URL of its own for each driver ingress', () => {
    expect(problemsOf(application({ driverIngressOptions: [ingress(1, 'a'), ingress(2, 'b')] }))).toEqual([]);
    expect(
      problemsOf(application({ driverIngressOptions: [ingress(1, 'a'), ingress(2, 'a'), ingress(1, 'c')] })),
    ).toMatchObject([
      { pathText: 'spec.driverIngressOptions[2].servicePort', message: 'is the same as in driverIngressOptions[0]' },
      { pathText: 'spec.driverIngressOptions[1].ingressURLFormat', code: 'duplicate' },
    ]);
  });

  it('is checked against every rule also where its structure is wrong', () => {
    const problems = problemsOf(
      application({ mode: 'client', unknown: 1, image: 7, nodeSelector: {}, driver: { nodeSelector: {}, cores: 'x' } }),
    );
    expect(problems.map(({ pathText }) => pathText)).toEqual(
      expect.arrayContaining([
        'spec.mode',
        'spec.unknown',
        'spec.image',
        'spec.driver.nodeSelector',
        'spec.driver.cores',
      ]),
    );
  });
});

describe('a name leaves room for the names made from it', () => {
  const withName = (length: number, batchScheduler: string) =>
    problemsOf(application({ batchScheduler }, { name: 'a'.repeat(length) }));

  it('of a PodGroup, which must fit into a label', () => {
    expect(withName(60, 'scheduler-plugins-scheduler')).toEqual([]);
    expect(withName(61, 'scheduler-plugins-scheduler')).toMatchObject([
      {
        pathText: 'metadata.name',
        code: 'too_long',
        message: 'has 61 characters, too many for the label that names its PodGroup',
        allowed: 'at most 60 characters',
      },
    ]);
    expect(withName(63, 'volcano')).toEqual([]);
  });

  it('of the runs of a schedule', () => {
    expect(problemsOf(schedule({}, { name: 'a'.repeat(52) }))).toEqual([]);
    expect(problemsOf(schedule({}, { name: 'a'.repeat(53) }))).toMatchObject([{ allowed: 'at most 52 characters' }]);
  });
});

describe('a schedule', () => {
  it.each([
    '0 3 * * *',
    '*/15 8-18 * * MON-FRI',
    '0 0 1,15 jan-mar/2 ?',
    '5/10 * * * *',
    '@daily',
    '@every 1h30m',
    '@every 3m',
    'CRON_TZ=Europe/Zurich 0 3 * * *',
    'TZ=UTC @hourly',
  ])('may be %s', (text) => {
    expect(problemsOf(schedule({ schedule: text }))).toEqual([]);
  });

  it.each([
    ['0 3 * *', 'has 4 fields'],
    ['0 0 3 * * *', 'has 6 fields'],
    [' ', 'has 0 fields'],
    ['60 * * * *', 'has a wrong minute'],
    ['* 24 * * *', 'has a wrong hour'],
    ['* * 0 * *', 'has a wrong day of the month'],
    ['* * * 13 *', 'has a wrong month'],
    ['* * * * 7', 'has a wrong day of the week'],
    ['* * * * MOON', 'has a wrong day of the week'],
    ['5-1 * * * *', 'has a wrong minute'],
    ['*/0 * * * *', 'has a wrong minute'],
    ['1,, * * * *', 'has a wrong minute'],
    ['1-2-3 * * * *', 'has a wrong minute'],
    ['@fortnightly', 'is an unknown word'],
    ['@every day', 'has no duration after "@every"'],
    ['@every 0s', 'has no duration after "@every"'],
    ['CRON_TZ=Europe/Atlantis 0 3 * * *', 'names an unknown time zone, "Europe/Atlantis"'],
  ])('may not be %s', (text, message) => {
    expect(problemsOf(schedule({ schedule: text }))).toMatchObject([{ pathText: 'spec.schedule', message }]);
  });

  it('may not be empty or absent', () => {
    expect(problemsOf(schedule({ schedule: '' }))).toMatchObject([{ message: 'must not be empty' }]);
    expect(problemsOf(schedule({ schedule: undefined }))).toMatchObject([{ message: 'is required' }]);
  });

  it('takes an IANA time zone, and Local for UTC', () => {
    expect(parseManifest(schedule({ timeZone: 'Europe/Zurich' }))).toMatchObject({
      spec: { timeZone: 'Europe/Zurich' },
    });
    expect(parseManifest(schedule({ timeZone: 'Local' }))).toMatchObject({ spec: { timeZone: 'UTC' } });
    for (const timeZone of ['America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'US/Pacific', 'UTC']) {
      expect(problemsOf(schedule({ timeZone }))).toEqual([]);
    }
    // Of these Intl knows all but the first, and Temporal's server none.
    for (const timeZone of ['Mars/Base', '+01:00', 'europe/zurich', 'Europe/zurich', 'EUROPE/ZURICH']) {
      expect(problemsOf(schedule({ timeZone }))).toMatchObject([
        { pathText: 'spec.timeZone', message: 'is not a known time zone' },
      ]);
    }
  });

  it('has the rules of an application for its template', () => {
    const template = application({ mode: 'client', sparkConf: { 'spark.master': 'local' } }).spec;
    expect(problemsOf(schedule({ template })).map(({ pathText }) => pathText)).toEqual([
      'spec.template.mode',
      'spec.template.sparkConf["spark.master"]',
    ]);
  });

  it('refuses an unknown concurrencyPolicy and a negative history', () => {
    expect(problemsOf(schedule({ concurrencyPolicy: 'forbid', failedRunHistoryLimit: -1 }))).toMatchObject([
      { pathText: 'spec.concurrencyPolicy', remedy: 'did you mean "Forbid"?' },
      { pathText: 'spec.failedRunHistoryLimit', allowed: 'at least 0' },
    ]);
  });
});
