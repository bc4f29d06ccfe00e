import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../../src/manifest/index.ts';
import { application, problemsOf, schedule } from './manifests.ts';
import { pipeline } from './pipeline/pipelines.ts';

const SECRET = 'hunter2-correct-horse';
const optedOut = { name: 'a', annotations: { 'temporal-spark/allow-literal-secrets': 'true' } };

describe('a literal secret', () => {
  it.each([
    'spark.ssl.keyPassword',
    'spark.ssl.ui.trustStorePassword',
    'spark.authenticate.secret',
    'spark.hadoop.fs.s3a.secret.key',
    'spark.hadoop.fs.s3a.access.key',
    'spark.hadoop.fs.s3a.session.token',
    'spark.hadoop.fs.s3a.bucket.logs.secret.key',
    'spark.hadoop.fs.azure.account.key.myaccount.dfs.core.windows.net',
    'spark.hadoop.fs.azure.account.oauth2.client.secret.myaccount.dfs.core.windows.net',
    'spark.hadoop.fs.azure.sas.container.myaccount.blob.core.windows.net',
    'spark.sql.catalog.lake.credential',
    'spark.sql.catalog.lake.s3.secret-access-key',
    'spark.kubernetes.driverEnv.DB_PASSWORD',
    'spark.executorEnv.API_KEY',
    'spark.es.net.http.auth.pass',
    'spark.hadoop.fs.s3a.encryption.key',
    'spark.hadoop.fs.s3a.server-side-encryption.key',
  ])('is refused in sparkConf: %s', (key) => {
    expect(problemsOf(application({ sparkConf: { [key]: SECRET } }))).toMatchObject([
      {
        path: ['spec', 'sparkConf', key],
        code: 'literal_secret',
        message: 'looks like a secret, and a manifest stays readable in the history of its workflow',
        remedy: expect.stringContaining('secretKeyRef') as string,
      },
    ]);
  });

  it.each(['fs.s3a.secret.key', 'javax.jdo.option.ConnectionPassword', 'fs.gs.auth.service.account.private.key'])(
    'is refused in hadoopConf: %s',
    (key) => {
      expect(problemsOf(application({ hadoopConf: { [key]: SECRET } }))).toMatchObject([
        { path: ['spec', 'hadoopConf', key], remedy: expect.stringContaining('${env.NAME}') as string },
      ]);
    },
  );

  it.each([
    [{ envVars: { DB_PASSWORD: SECRET } }, 'envVars.DB_PASSWORD'],
    [{ env: [{ name: 'AWS_SECRET_ACCESS_KEY', value: SECRET }] }, 'env[0].value'],
    [
      {
        env: [
          { name: 'A', value: 'b' },
          { name: 'PGPASSWORD', value: SECRET },
        ],
      },
      'env[1].value',
    ],
    [{ sidecars: [{ name: 'a', env: [{ name: 'API_TOKEN', value: SECRET }] }] }, 'sidecars[0].env[0].value'],
    [
      { initContainers: [{ name: 'a', env: [{ name: 'MYSQL_PWD', value: SECRET }] }] },
      'initContainers[0].env[0].value',
    ],
    [
      { template: { spec: { containers: [{ env: [{ name: 'CLIENT_SECRET', value: SECRET }] }] } } },
      'template.spec.containers[0].env[0].value',
    ],
    [
      { template: { spec: { initContainers: [{ name: 'a', env: [{ name: 'APIKEY', value: SECRET }] }] } } },
      'template.spec.initContainers[0].env[0].value',
    ],
    [{ javaOptions: `-Xss4m -Djavax.net.ssl.trustStorePassword=${SECRET}` }, 'javaOptions'],
  ])('is refused in a role: %j', (fields, path) => {
    for (const role of ['driver', 'executor']) {
      expect(problemsOf(application({ [role]: fields }))).toMatchObject([
        {
          pathText: `spec.${role}.${path}`,
          code: 'literal_secret',
          remedy: expect.stringContaining('secretKeyRef') as string,
        },
      ]);
    }
  });

  it.each([
    ...['DB_PASS', 'DBPASS', 'PGPASS', 'ENCRYPTION_KEY', 'SIGNING_KEY', 'API_KEY_PROD', 'DB_PASSWORD_1'],
    ...['CLIENT_SECRET_VALUE', 'GITHUB_PAT'],
  ])('is known by the name of its variable: %s', (name) => {
    expect(problemsOf(application({ driver: { env: [{ name, value: SECRET }] } }))).toMatchObject([
      { pathText: 'spec.driver.env[0].value', code: 'literal_secret' },
    ]);
  });

  it.each([
    ...['BYPASS', 'COMPASS', 'COMPASS_1', 'PARTITION_KEY', 'SORT_KEY_TEST', 'TOKENIZER', 'PASSES', 'KEY_NEW', 'PAT'],
  ])('is not what a name only resembles: %s', (name) => {
    expect(problemsOf(application({ driver: { env: [{ name, value: 'abc' }] } }))).toEqual([]);
  });

  it.each([
    'jdbc:oracle:thin:@//database:1521/sales',
    'jdbc:oracle:thin:@database:1521:sales',
    'Basic authentication is off',
    'the bearer of news',
    'task-abcdefghijklmnopqrstuvwxyz',
    's3a://a/b?sig=short',
  ])('is not what a value only resembles: %s', (value) => {
    expect(problemsOf(application({ driver: { env: [{ name: 'SETTING', value }] } }))).toEqual([]);
  });

  it.each([
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----'],
    ['a password in a URI', 'jdbc:postgresql://reader:hunter2@database:5432/sales'],
    ['a password as a parameter', 'jdbc:mysql://database/sales?user=reader&password=hunter2'],
    ['a password of a SQL Server', 'jdbc:sqlserver://database:1433;user=reader;password=hunter2;encrypt=true'],
    ['a wallet of Oracle', 'jdbc:oracle:thin:@db?javax.net.ssl.keyStorePassword=hunter2'],
    ['the key of a storage account', 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=bm90IGEga2V5;'],
    ['an S3A key as a Java option', '-Xss4m -Dspark.hadoop.fs.s3a.secret.key=hunter2'],
    ['a token of GitHub', `ghp_${'a1'.repeat(18)}`],
    ['a token of GitLab', `glpat-${'a1'.repeat(10)}`],
    ['a token of Slack', 'xoxb-123456789012-abcdef'],
    ['a key of Google', `AIza${'a'.repeat(35)}`],
    ['a signed token', `eyJhbGciOiJI.eyJzdWIiOiIx.${'c'.repeat(20)}`],
    ['a password of Oracle', 'jdbc:oracle:thin:scott/tiger@database:1521:sales'],
    ['a token in a header', 'Authorization: Bearer abcdef0123456789'],
    ['a user and password in a header', 'Basic c2NvdHQ6dGlnZXI='],
    ['a key of a language model', `sk-${'a1'.repeat(12)}`],
    ['a token of Databricks', `dapi${'0a'.repeat(16)}`],
    ['a shared access signature', `https://a.blob.core.windows.net/b?sv=2022-11-02&sig=${'a'.repeat(43)}%3D`],
    ['a password for a login module', 'org.apache.LoginModule required username="a", password=hunter2;'],
  ])('is known by its looks under any key: %s', (_, value) => {
    expect(problemsOf(application({ driver: { env: [{ name: 'SETTING', value }] } }))).toMatchObject([
      { pathText: 'spec.driver.env[0].value', code: 'literal_secret' },
    ]);
  });

  it.each([
    [{ arguments: ['--in', 's3a://a', '--db-password=hunter2'] }, 'arguments[2]'],
    [{ deps: { repositories: ['https://reader:hunter2@repository.example.org/maven'] } }, 'deps.repositories[0]'],
    [{ deps: { files: ['local:///a', 'https://example.org/a?access_token=hunter2'] } }, 'deps.files[1]'],
    [
      { driver: { sidecars: [{ name: 'a', command: ['sh'], args: ['-c', 'psql "password=hunter2"'] }] } },
      'driver.sidecars[0].args[1]',
    ],
    [
      { sparkConf: { 'spark.executor.extraJavaOptions': '-Da.token=hunter2' } },
      'sparkConf["spark.executor.extraJavaOptions"]',
    ],
  ])('is refused wherever text may hold one: %j', (spec, path) => {
    expect(problemsOf(application(spec))).toMatchObject([{ pathText: `spec.${path}`, code: 'literal_secret' }]);
  });

  it.each<[spec: object, path: string]>([
    [{ mainApplicationFile: 'https://reader:sesame7@host.example.org/a.jar' }, 'mainApplicationFile'],
    [
      { mainApplicationFile: `https://host.example.org/a.jar?X-Amz-Signature=${'0a'.repeat(32)}` },
      'mainApplicationFile',
    ],
    [{ arguments: ['--password', 'sesame7'] }, 'arguments[1]'],
    [{ arguments: ['-U', 'reader', '-p', 'sesame7'] }, 'arguments[3]'],
    [{ arguments: ['{"password": "sesame7"}'] }, 'arguments[0]'],
    [{ arguments: ['password:sesame7'] }, 'arguments[0]'],
    [
      { driver: { lifecycle: { preStop: { exec: { command: ['run', '--password', 'sesame7'] } } } } },
      'driver.lifecycle.preStop.exec.command[2]',
    ],
    [
      { executor: { annotations: { 'example.org/api-token': 'sesame7' } } },
      'executor.annotations["example.org/api-token"]',
    ],
    [
      { volumes: [{ name: 'a', csi: { driver: 'd', volumeAttributes: { password: 'sesame7' } } }] },
      'volumes[0].csi.volumeAttributes.password',
    ],
    [{ driver: { env: [{ name: 'OPENAI_KEY', value: 'aB3dE5gH7jK9mN1pQ3sT' }] } }, 'driver.env[0].value'],
  ])('is refused in every text of the spec: %j', (spec, path) => {
    expect(problemsOf(application({ ...spec }))).toMatchObject([{ pathText: `spec.${path}`, code: 'literal_secret' }]);
  });

  it('is refused in annotations of the manifest', () => {
    const annotations = { 'example.org/db-password': 'sesame7' };
    expect(problemsOf(application({}, { name: 'a', annotations }))).toMatchObject([
      { pathText: 'metadata.annotations["example.org/db-password"]', code: 'literal_secret' },
    ]);
  });

  it('is refused in what a pipeline passes to its work, unless the pipeline allows it', () => {
    const stages = [
      { name: 'a', activity: { type: 'copy', args: [{ password: 'sesame7' }] } },
      { name: 'b', workflow: { type: 'copy', args: ['--token', 'sesame7'] } },
    ];
    const spec = { parameters: { dbPassword: { type: 'string', default: 'sesame7' } }, stages };
    const manifest = pipeline(stages, spec);
    expect(problemsOf(manifest).map(({ pathText }) => pathText)).toEqual([
      'spec.parameters.dbPassword.default',
      'spec.stages[0].activity.args[0].password',
      'spec.stages[1].workflow.args[1]',
    ]);
    expect(problemsOf({ ...manifest, metadata: optedOut })).toEqual([]);
  });

  it('is accepted with the annotation, and only with "true"', () => {
    const sparkConf = { 'spark.ssl.keyPassword': SECRET };
    expect(problemsOf(application({ sparkConf }, optedOut))).toEqual([]);
    const annotations = { 'temporal-spark/allow-literal-secrets': 'yes' };
    expect(problemsOf(application({ sparkConf }, { name: 'a', annotations }))).toHaveLength(1);
    expect(problemsOf(schedule({ template: application({ sparkConf }).spec }))).toMatchObject([
      { path: ['spec', 'template', 'sparkConf', 'spark.ssl.keyPassword'] },
    ]);
    expect(problemsOf(schedule({ template: application({ sparkConf }).spec }, optedOut))).toEqual([]);
  });

  it('is never repeated by the problem that reports it', () => {
    const secret = 4711_4711;
    const problems = problemsOf(
      application({
        sparkConf: { 'spark.ssl.keyPassword': secret, 'spark.kubernetes.authenticate.oauthToken': String(secret) },
        driver: { env: [{ name: 'DB_PASSWORD', value: secret }], envVars: { API_TOKEN: secret } },
        executor: {
          env: [{ name: 'DB_PASSWORD', value: String(secret) }],
          envSecretKeyRefs: { API_TOKEN: String(secret) },
        },
      }),
    );
    expect(problems.length).toBeGreaterThanOrEqual(6);
    expect(JSON.stringify(problems)).not.toContain(String(secret));
    expect(formatProblems(problems)).not.toContain(String(secret));
  });
});

describe('what only sounds like a secret', () => {
  it.each([
    ['spark.kubernetes.driver.secrets.database-password', '/mnt/secrets'],
    ['spark.kubernetes.driver.secretKeyRef.DB_PASSWORD', 'database:password'],
    ['spark.kubernetes.executor.secretKeyRef.DB_PASSWORD', 'database:password'],
    ['spark.kubernetes.driver.annotation.vault.example.com/inject-secret', 'database'],
    ['spark.authenticate', 'true'],
    ['spark.authenticate.secret.file', '/mnt/secrets/rpc'],
    ['spark.authenticate.secretBitLength', '256'],
    ['spark.hadoop.fs.s3a.aws.credentials.provider', 'com.example.Provider'],
    ['spark.security.credentials.hive.enabled', 'false'],
    ['spark.kubernetes.kerberos.tokenSecret.name', 'token'],
    ['spark.redaction.regex', '(?i)secret|password|token'],
    ['spark.hadoop.fs.s3a.secret.key', '${env.AWS_SECRET}'],
    ['spark.ssl.keyPassword', '${env:KEY_PASSWORD}'],
    ['spark.ssl.keyPassword', ''],
    ['spark.eventLog.dir', 's3a://logs:archive/spark'],
  ])('is accepted in sparkConf: %s=%s', (key, value) => {
    expect(problemsOf(application({ sparkConf: { [key]: value } }))).toEqual([]);
  });

  it.each([
    ['GOOGLE_APPLICATION_CREDENTIALS', '/mnt/gcp/key.json'],
    ['AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE'],
    ['DB_PASSWORD_FILE', '/run/secrets/db'],
    ['DB_PASSWORD', '/run/secrets/db'],
    ['DB_PASSWORD', '$(OTHER_VARIABLE)'],
    ['PWD', '/opt/spark/work-dir'],
    ['USE_TOKEN', 'true'],
    ['JDBC_URL', 'jdbc:postgresql://reader:$(PASSWORD)@database/sales'],
    ['JDBC_URL', 'jdbc:mysql://database/sales?user=reader&password=${PASSWORD}'],
    ['PROXY', 'http://proxy.example.com:3128'],
  ])('is accepted as environment variable: %s=%s', (name, value) => {
    expect(problemsOf(application({ driver: { env: [{ name, value }] } }))).toEqual([]);
  });

  it.each([
    '--token-file=/mnt/token',
    '--password=$PASSWORD',
    '--password=${PASSWORD}',
    '--password=',
    '--use-token=true',
    '--password-file',
    '-Djavax.net.ssl.keyStorePassword=$(KEY_PASSWORD)',
    '--max-tokens=512',
    'eyJust.a.text',
    'AKIASHORT',
  ])('is accepted as an argument: %s', (argument) => {
    expect(problemsOf(application({ arguments: [argument] }))).toEqual([]);
  });

  it('is accepted where the value is a reference', () => {
    const env = [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }];
    expect(problemsOf(application({ driver: { env, envSecretKeyRefs: { TOKEN: { name: 'a', key: 'b' } } } }))).toEqual(
      [],
    );
  });
});
