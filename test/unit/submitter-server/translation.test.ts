import { describe, expect, it } from 'vitest';
import { parseSparkApplication, type SparkApplicationManifest } from '../../../src/manifest/index.ts';
import { buildDriverObjects, RefusalReason, toSparkSubmission } from '../../../src/spark/index.ts';
import { parseSparkSubmitArguments } from '../../../src/spark/spark-submit-cli/index.ts';
import { toSubmissionRequest } from '../../../src/submitter-server/to-submission-request.ts';
import { sparkPi } from '../../support/manifests.ts';
import { operatorRequest } from '../../support/operator.ts';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const owner = { apiVersion: 'sparkoperator.k8s.io/v1beta2', kind: 'SparkApplication', name: 'pi', uid: 'u-1' };

/** A request with these further arguments before the application, and those in place of its own. */
function translated(more: readonly string[] = [], options: Parameters<typeof toSubmissionRequest>[1] = {}) {
  const { spark_submit_args: args, ...rest } = operatorRequest(sparkPi({ name: 'pi' }), ID, owner);
  return toSubmissionRequest(
    { ...rest, spark_submit_args: [...args.slice(0, -2), ...more, ...args.slice(-2)] },
    options,
  );
}

describe('the arguments of spark-submit', () => {
  it('are read as Spark reads them', () => {
    expect(
      parseSparkSubmitArguments([
        ...['--master=k8s://https://host', '-c', 'a=b', '--conf', 'spark.x=1', '--conf=spark.y=2=3', '--name', 'one'],
        ...['--name', 'two', '--verbose', '--supervise', '--load-spark-defaults', '--queue', 'q'],
        ...['local:///app.jar', '--name', 'of the application', '-c'],
      ]),
    ).toEqual({
      flags: { master: 'k8s://https://host', name: 'two' },
      conf: ['a=b', 'spark.x=1', 'spark.y=2=3'],
      loadSparkDefaults: true,
      ineffective: ['queue', 'supervise'],
      otherActions: [],
      resource: 'local:///app.jar',
      arguments: ['--name', 'of the application', '-c'],
    });
  });

  it.each([
    [['--frobnicate', 'x'], '--frobnicate: spark-submit has no such flag'],
    [['-x'], '-x: spark-submit has no such flag'],
    [['--name'], '--name: its value is missing'],
  ])('%j are refused', (args, message) => {
    expect(() => parseSparkSubmitArguments(args)).toThrow(message);
  });
});

describe("what comes of the operator's request", () => {
  const whole: SparkApplicationManifest = {
    ...sparkPi({ name: 'pi' }),
    metadata: { name: 'pi', namespace: 'analytics', labels: { team: 'a' } },
  };
  whole.spec = {
    ...whole.spec,
    deps: { jars: ['https://example.org/a.jar'], packages: ['org.example:a:1'] },
    sparkConf: { 'spark.eventLog.enabled': 'true', 'spark.ui.port': '4055', 'spark.driver.memory': '9g' },
    hadoopConf: { 'fs.s3a.endpoint': 'https://s3.example.org' },
    nodeSelector: { disk: 'fast' },
    proxyUser: 'alice',
    arguments: ['--conf', 'an=argument'],
    driver: {
      ...whole.spec.driver,
      cores: 2,
      coreLimit: '3',
      javaOptions: '-Da="b c"',
      labels: { tier: 'x' },
      annotations: { note: 'y' },
      serviceLabels: { svc: 'z' },
      envVars: { A: 'b' },
      envSecretKeyRefs: { PASSWORD: { name: 'secret', key: 'password' } },
      secrets: [{ name: 'certs', path: '/certs', secretType: 'Generic' }],
      template: {
        metadata: { labels: { of: 'template' } },
        spec: {
          tolerations: [{ key: 'spark', operator: 'Exists' }],
          containers: [{ name: 'sidecar', image: 'sidecar:1' }, { name: 'spark-kubernetes-driver' }],
        },
      },
    },
  };

  it.each([
    ['the smallest', sparkPi({ name: 'pi' })],
    ['one with most of what there is', whole],
  ])('is what comes of the application itself: %s', (_, manifest) => {
    const request = operatorRequest(manifest, ID, owner);
    const { submission, identity } = toSubmissionRequest(request);
    const ofManifest = toSparkSubmission(parseSparkApplication(manifest));
    // What the operator adds of its own.
    const added = Object.fromEntries(
      request.spark_submit_args.flatMap((arg) => {
        const [, key, value] =
          /^(spark\.kubernetes\.(?:driver|executor)\.label\.sparkoperator.*?)=(.*)$/.exec(arg) ?? [];
        return key === undefined ? [] : [[key, value]];
      }),
    ) as Record<string, string>;
    const expected = buildDriverObjects(
      {
        ...ofManifest,
        conf: { ...ofManifest.conf, ...added, 'spark.kubernetes.submission.waitAppCompletion': 'false' },
        driverPodTemplate: request.driver_pod_template!,
        executorPodTemplate: request.executor_pod_template!,
      },
      identity,
    );
    expect(buildDriverObjects(submission, identity)).toEqual(expected);
  });

  it('has the owner of the template, and no finalizer', () => {
    const { submission, identity } = translated();
    const { pod } = buildDriverObjects(submission, identity);
    expect(pod.metadata!.ownerReferences).toEqual([{ ...owner, controller: true, blockOwnerDeletion: true }]);
    expect(pod.metadata!.finalizers).toBeUndefined();
  });

  it('has names that follow from the submission ID alone', () => {
    const { identity } = translated();
    expect(identity).toMatchObject({
      sparkApplicationId: 'spark-550e8400e29b41d4a716446655440000',
      driverPodName: 'pi-driver',
      resourceNamePrefix: 'pi-550e8400',
    });
    const { spark_submit_args: args } = operatorRequest(sparkPi({ name: 'pi' }), ID, owner);
    const other = () => toSubmissionRequest({ submission_id: 'Run_7', spark_submit_args: args }).identity;
    expect(other().sparkApplicationId).toMatch(/^spark-[0-9a-f]{32}$/);
    expect(other().sparkApplicationId).toBe(other().sparkApplicationId);
  });

  it('has templates below configuration, as Spark has them', () => {
    const { spark_submit_args, ...rest } = operatorRequest(sparkPi({ name: 'pi' }), ID, owner);
    const { submission, identity } = toSubmissionRequest({
      ...rest,
      spark_submit_args: ['--conf', 'spark.kubernetes.driver.label.who=conf', ...spark_submit_args],
      driver_pod_template: {
        metadata: { labels: { who: 'template', only: 'template' } },
        spec: {
          containers: [{ name: 'spark-kubernetes-driver', image: 'template:1', resources: { limits: { cpu: '7' } } }],
        },
      },
    });
    const { metadata, spec } = buildDriverObjects(submission, identity).pod;
    expect(metadata!.labels).toMatchObject({ who: 'conf', only: 'template' });
    expect(spec!.containers[0]).toMatchObject({ image: 'spark:4.1.4', resources: { limits: { cpu: '7' } } });
  });

  it('drops what only leads spark-submit itself to the cluster, with its secrets', () => {
    const key = 'spark.kubernetes.authenticate.submission.oauthToken';
    expect(translated(['--conf', `${key}=t0ken`]).submission.conf[key]).toBeUndefined();
  });
});

describe('the version of Spark', () => {
  const image = (name: string) => ['--conf', `spark.kubernetes.driver.container.image=${name}`];
  const annotated = ['--conf', 'spark.kubernetes.driver.annotation.temporal-spark/spark-version=3.5.9'];

  it.each([
    ['the annotation of the driver', [...image('spark:4.0.5'), ...annotated], '4.3.0', '3.5.9'],
    ['the tag of its image', image('registry:5000/spark:4.0.5-java21'), '4.3.0', '4.0.5'],
    ["the server's setting", image('etl:latest'), '4.3.0', '4.3.0'],
  ])('is that of %s', (_, args, sparkVersion, expected) => {
    expect(translated(args, { sparkVersion }).submission.sparkVersion).toBe(expected);
  });

  it('is requested where nothing specifies it', () => {
    expect(() => translated(image('etl:latest'))).toThrow('temporal-spark/spark-version: X.Y.Z');
  });
});

describe('unsupported arguments are refused', () => {
  it.each<[string, string[], RefusalReason]>([
    ['client mode', ['--deploy-mode', 'client'], RefusalReason.InvalidConfiguration],
    ['another master', ['--master', 'yarn'], RefusalReason.InvalidConfiguration],
    ['a properties file', ['--properties-file', '/etc/passwd'], RefusalReason.RequiresLocalFile],
    ['a local jar', ['--jars', '/tmp/a.jar'], RefusalReason.RequiresLocalFile],
    ['a template file', ['--conf', 'spark.kubernetes.driver.podTemplateFile=/t.yaml'], RefusalReason.RequiresLocalFile],
    ['feature steps', ['--conf', 'spark.kubernetes.driver.pod.featureSteps=a.B'], RefusalReason.RequiresJvm],
    ['a namespace that is a path', ['--conf', 'spark.kubernetes.namespace=..'], RefusalReason.InvalidConfiguration],
    ['defaults that the server lacks', ['--load-spark-defaults'], RefusalReason.InvalidConfiguration],
    [
      'a version without rules',
      ['--conf', 'spark.kubernetes.driver.container.image=s:2.4.8'],
      RefusalReason.InvalidConfiguration,
    ],
  ])('%s', (_, args, reason) => {
    const build = () => {
      const { submission, identity } = translated(args);
      buildDriverObjects(submission, identity);
    };
    expect(build).toThrow(expect.objectContaining({ reason }) as Error);
  });

  it('defaults are read where the server has them, below everything else', () => {
    const readDefaults = () => 'spark.app.name from-file\nspark.eventLog.enabled true\n';
    const { conf, appName } = translated(['--load-spark-defaults'], { readDefaults }).submission;
    expect([appName, conf['spark.eventLog.enabled']]).toEqual(['pi', 'true']);
  });
});
