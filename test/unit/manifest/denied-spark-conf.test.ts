import { describe, expect, it } from 'vitest';
import { application, problemsOf, schedule } from './manifests.ts';

const withConf = (key: string, value = 'x') => problemsOf(application({ sparkConf: { [key]: value } }));

describe('a key of sparkConf that would let an application escape', () => {
  const serviceAccount = 'configure the service account via the CRD spec instead';
  const credentials = 'authentication credentials are managed by the operator';
  const managed = 'this value is managed by the operator';
  const image = 'use the image field on the CRD instead';

  it.each([
    ['spark.kubernetes.authenticate.driver.serviceAccountName', serviceAccount],
    ['spark.kubernetes.authenticate.executor.serviceAccountName', serviceAccount],
    ['spark.kubernetes.authenticate.oauthToken', credentials],
    ['spark.kubernetes.authenticate.oauthTokenFile', credentials],
    ['spark.kubernetes.authenticate.driver.oauthToken', credentials],
    ['spark.kubernetes.authenticate.driver.oauthTokenFile', credentials],
    ['spark.kubernetes.authenticate.executor.oauthToken', credentials],
    ['spark.kubernetes.authenticate.executor.oauthTokenFile', credentials],
    ['spark.master', managed],
    ['spark.kubernetes.driver.master', managed],
    ['spark.kubernetes.container.image', image],
    ['spark.kubernetes.driver.container.image', image],
    ['spark.kubernetes.executor.container.image', image],
  ])("is refused in the operator's words: %s", (key, reason) => {
    const [problem] = withConf(key);
    expect(problem).toMatchObject({
      path: ['spec', 'sparkConf', key],
      code: 'spark_conf_denied',
      message: `sparkConf key "${key}" is not allowed: ${reason}`,
    });
    expect(problem?.remedy).toBeTruthy();
  });

  it.each([
    'spark.kubernetes.authenticate.submission.oauthToken',
    'spark.kubernetes.authenticate.submission.oauthTokenFile',
    'spark.kubernetes.authenticate.submission.clientKeyFile',
    'spark.kubernetes.authenticate.submission.caCertFile',
    'spark.kubernetes.authenticate.submission.serviceAccountName',
    'spark.kubernetes.authenticate.driver.clientKeyFile',
    'spark.kubernetes.authenticate.driver.caCertFile',
    'spark.kubernetes.authenticate.clientCertFile',
    'spark.kubernetes.authenticate.serviceAccountName',
    'spark.kubernetes.context',
    'spark.kubernetes.driver.podTemplateFile',
    'spark.kubernetes.executor.podTemplateFile',
    'spark.kubernetes.kerberos.krb5.path',
  ])("is refused where the operator's list has a hole: %s", (key) => {
    expect(withConf(key)).toMatchObject([{ path: ['spec', 'sparkConf', key], code: 'spark_conf_denied' }]);
  });

  it.each([
    ['spark.kerberos.keytab', '/etc/krb5.keytab'],
    ['spark.kerberos.keytab', 'file:///etc/krb5.keytab'],
    ['spark.yarn.keytab', '/etc/krb5.keytab'],
  ])('is rejected where it names a file of the worker: %s=%s', (key, value) => {
    expect(withConf(key, value)).toMatchObject([
      { message: `sparkConf key "${key}" is not allowed: it would read a file of the worker` },
    ]);
  });

  it.each(['file:///tmp/upload', '/tmp/upload', 'FILE:/tmp/upload', 'upload'])(
    'is rejected where files would be uploaded through the worker to %s',
    (path) => {
      const conf = { 'spark.kubernetes.file.upload.path': path };
      const uploading = [
        { mainApplicationFile: '/opt/app.jar', sparkConf: conf },
        { deps: { pyFiles: ['local:///a.py', 'file:///b.py'] }, sparkConf: conf },
        { sparkConf: { ...conf, 'spark.jars': 's3a://bucket/a.jar, b.jar' } },
      ];
      for (const spec of uploading) {
        expect(problemsOf(application(spec))).toMatchObject([
          { path: ['spec', 'sparkConf', 'spark.kubernetes.file.upload.path'], code: 'spark_conf_denied' },
        ]);
      }
      expect(problemsOf(application({ sparkConf: conf }))).toEqual([]);
    },
  );

  it.each([
    ['spark.kubernetes.file.upload.path', 's3a://bucket/upload'],
    ['spark.kerberos.keytab', 'local:///mnt/keytab/user.keytab'],
    ['spark.kubernetes.authenticate.driver.mounted.oauthTokenFile', '/var/run/secrets/other/token'],
    ['spark.kubernetes.container.image.pullPolicy', 'Always'],
    ['spark.kubernetes.driver.pod.name', 'my-driver'],
  ])('is not one of these: %s=%s', (key, value) => {
    expect(withConf(key, value)).toEqual([]);
  });

  it('is refused for another namespace than its own', () => {
    const inNamespace = (namespace: string | undefined, conf: string) =>
      problemsOf(
        application(
          { sparkConf: { 'spark.kubernetes.namespace': conf } },
          { name: 'a', ...(namespace === undefined ? {} : { namespace }) },
        ),
      );
    expect(inNamespace('team-a', 'team-a')).toEqual([]);
    expect(inNamespace(undefined, 'default')).toEqual([]);
    expect(inNamespace('team-a', 'team-b')).toMatchObject([
      {
        message:
          'sparkConf key "spark.kubernetes.namespace" is not allowed: must equal the application namespace "team-a", got "team-b"',
      },
    ]);
    expect(
      problemsOf(application({ sparkConf: { 'spark.kubernetes.namespace': 'given' } }), { namespace: 'given' }),
    ).toEqual([]);
  });

  it('is refused in a schedule too', () => {
    const template = application({ sparkConf: { 'spark.kubernetes.namespace': 'team-b' } }).spec;
    expect(problemsOf(schedule({ template }, { name: 'a', namespace: 'team-a' }))).toMatchObject([
      { path: ['spec', 'template', 'sparkConf', 'spark.kubernetes.namespace'] },
    ]);
  });

  it.each(['spark.master=local#', ' spark.master', 'spark.master ', 'spark.app.name\nspark.master', ''])(
    'cannot be smuggled in under another key: %j',
    (key) => {
      expect(withConf(key)).toMatchObject([
        {
          path: ['spec', 'sparkConf', key],
          code: 'invalid_key',
          allowed: 'a key without "=", and without spaces around it',
        },
      ]);
      expect(problemsOf(application({ hadoopConf: { [key]: 'x' } }))).toMatchObject([{ code: 'invalid_key' }]);
    },
  );

  it('is found whatever its value is', () => {
    const problems = problemsOf(application({ sparkConf: { 'spark.master': 7 } }));
    expect(problems.map(({ code }) => code).sort()).toEqual(['spark_conf_denied', 'wrong_type']);
  });
});
