import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { parsePlacement, place } from '../../../src/placement/index.ts';
import { historyServerPod, type HistoryServerOptions } from '../../../src/spark/history/history-server-pod.ts';
import { buildDriverObjects, toSparkSubmission } from '../../../src/spark/index.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { application, identity } from './fixtures.ts';

const claim = (name: string) => ({ name, persistentVolumeClaim: { claimName: name } });

/** A driver whose event logs are on a volume, and all that it has of credentials and configuration. */
const whole = {
  sparkConf: {
    'spark.eventLog.enabled': 'true',
    'spark.eventLog.dir': 'file:///logs/events',
    'spark.hadoop.fs.s3a.endpoint': 'http://store:9000',
    'spark.kubernetes.driver.volumes.persistentVolumeClaim.scratch.mount.path': '/scratch',
    'spark.kubernetes.driver.volumes.persistentVolumeClaim.scratch.options.claimName': 'OnDemand',
    'spark.kubernetes.driver.volumes.persistentVolumeClaim.scratch.options.storageClass': 'fast',
    'spark.kubernetes.driver.volumes.persistentVolumeClaim.scratch.options.sizeLimit': '1Gi',
  },
  hadoopConf: { 'fs.s3a.path.style.access': 'true' },
  hadoopConfigMap: 'core-site',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: ['registry'],
  nodeSelector: { disk: 'ssd' },
  volumes: [claim('logs'), { name: 'cache', emptyDir: {} }],
  driver: {
    serviceAccount: 'team',
    labels: { team: 'etl' },
    tolerations: [{ key: 'spark', operator: 'Exists' }],
    podSecurityContext: { runAsUser: 185 },
    envFrom: [{ secretRef: { name: 'object-store' } }],
    envSecretKeyRefs: { AWS_SECRET_ACCESS_KEY: { name: 'store', key: 'secret' } },
    secrets: [{ name: 'keytab', path: '/keytab', secretType: 'Generic' }],
    volumeMounts: [
      { name: 'logs', mountPath: '/logs' },
      { name: 'cache', mountPath: '/cache' },
    ],
    sidecars: [{ name: 'proxy', image: 'proxy' }],
    initContainers: [{ name: 'fetch', image: 'fetch' }],
  },
};

function podOf(
  spec: Record<string, unknown> = whole,
  options: Partial<HistoryServerOptions> = {},
  placement: object = {},
): Pod {
  const submission = toSparkSubmission(application(spec));
  const placed = place(submission, { placement: parsePlacement(placement), attemptLabels: {} }).submission;
  return historyServerPod({
    ...{ name: 'pi-history-1', namespace: 'analytics', applicationName: 'pi', submissionId: identity.submissionId },
    eventLogDir: placed.conf['spark.eventLog.dir'] ?? 'file:///tmp/spark-events',
    conf: placed.conf,
    driver: buildDriverObjects(placed, identity),
    ...options,
  });
}

const propertiesOf = ({ metadata }: Pod) => metadata!.annotations!['temporal-spark/history-properties']!.split('\n');

describe('the pod of a history server', () => {
  it("runs Spark's History Server from the driver's image, with its account, configuration, credentials and volumes", () => {
    const pod = podOf();
    expect(pod.metadata).toEqual({
      name: 'pi-history-1',
      namespace: 'analytics',
      labels: { 'temporal-spark/history-server': identity.submissionId, [Label.AppName]: 'pi' },
      annotations: {
        'sidecar.istio.io/inject': 'false',
        'temporal-spark/history-properties': expect.any(String) as string,
      },
    });
    const { containers, volumes, affinity, ...spec } = pod.spec!;
    expect(spec).toEqual({
      serviceAccountName: 'team',
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'spark', operator: 'Exists' }],
      securityContext: { runAsUser: 185 },
      imagePullSecrets: [{ name: 'registry' }],
      restartPolicy: 'Never',
      activeDeadlineSeconds: 28_800,
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
    });
    expect(containers).toEqual([
      {
        name: 'history-server',
        image: 'spark:test',
        imagePullPolicy: 'IfNotPresent',
        args: [
          '/opt/spark/bin/spark-class',
          'org.apache.spark.deploy.history.HistoryServer',
          '--properties-file',
          '/temporal-spark/history/history.properties',
        ],
        env: expect.arrayContaining([
          { name: 'HADOOP_CONF_DIR', value: '/etc/hadoop/conf' },
          { name: 'AWS_SECRET_ACCESS_KEY', valueFrom: { secretKeyRef: { name: 'store', key: 'secret' } } },
          { name: 'SPARK_DAEMON_MEMORY', value: '1g' },
        ]) as unknown,
        envFrom: [{ secretRef: { name: 'object-store' } }],
        ports: [{ name: 'history-ui', containerPort: 18_080 }],
        volumeMounts: expect.any(Array) as unknown,
        resources: { requests: { cpu: '200m', memory: '512Mi' }, limits: { memory: '1536Mi' } },
        terminationMessagePolicy: 'FallbackToLogsOnError',
      },
    ]);
    expect(containers[0]!.volumeMounts!.map(({ name, mountPath }) => `${name} ${mountPath}`).sort()).toEqual([
      'cache /cache',
      'hadoop-configmap-volume /etc/hadoop/conf',
      'history-properties /temporal-spark/history',
      'keytab-volume /keytab',
      'logs /logs',
    ]);
    // Neither the driver's own ConfigMap, nor a claim that was made for it: both are deleted with it.
    expect(volumes!.map(({ name }) => name).sort()).toEqual([
      ...['cache', 'hadoop-configmap-volume', 'history-properties', 'keytab-volume', 'logs'],
    ]);
    expect(affinity).toBeDefined();
  });

  it('reads the directory of the event logs with the file systems of the driver, and deletes nothing there', () => {
    expect(propertiesOf(podOf())).toEqual([
      '#of the history server',
      'spark.hadoop.fs.s3a.endpoint=http\\://store\\:9000',
      'spark.hadoop.fs.s3a.path.style.access=true',
      'spark.history.fs.cleaner.enabled=false',
      'spark.history.fs.logDirectory=file\\:///logs/events',
      'spark.history.fs.update.interval=5s',
      'spark.history.ui.port=18080',
      '',
    ]);
  });

  it('is not taken for a driver, an executor or anything else of an attempt', () => {
    const { labels } = podOf().metadata!;
    for (const label of [Label.SubmissionId, Label.OperatorSubmissionId, 'spark-role', 'spark-app-selector', 'team']) {
      expect(labels).not.toHaveProperty([label]);
    }
    expect(podOf().metadata).not.toHaveProperty('finalizers');
  });

  it('keeps away from the control plane, and goes to the pool of the driver', () => {
    const placement = {
      pools: { etl: { labels: { pool: 'etl' }, tolerations: [{ key: 'etl', operator: 'Exists' }] } },
      profiles: { default: { driver: 'etl', executor: 'etl' } },
    };
    const { affinity, tolerations } = podOf(whole, {}, placement).spec!;
    expect(tolerations).toContainEqual({ key: 'etl', operator: 'Exists' });
    const text = JSON.stringify(affinity);
    expect(text).toContain('{"key":"pool","operator":"In","values":["etl"]}');
    expect(text).toContain('{"key":"node-role.kubernetes.io/control-plane","operator":"DoesNotExist"}');
  });

  it('has the node rules of a driver pod that still exists, and its node where the event log is on that', () => {
    const term = { matchExpressions: [{ key: 'pool', operator: 'In', values: ['batch'] }] };
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
    };
    const existing: Pod = {
      spec: { containers: [], nodeName: 'node-7', affinity, tolerations: [{ key: 'batch', operator: 'Exists' }] },
    };
    const shared = podOf(whole, { existing }).spec!;
    expect(shared).toMatchObject({ affinity, tolerations: [{ key: 'batch', operator: 'Exists' }] });
    expect(JSON.stringify(shared)).not.toContain('node-7');
    const onHost = { ...whole, volumes: [{ name: 'logs', hostPath: { path: '/var/logs' } }, whole.volumes[1]] };
    const node = { key: 'metadata.name', operator: 'In', values: ['node-7'] };
    expect(podOf(onHost, { existing }).spec!.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ ...term, matchFields: [node] }] },
      },
    });
    const free: Pod = { spec: { containers: [], nodeName: 'node-7' } };
    expect(podOf(onHost, { existing: free }).spec!.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [node] }] },
      },
    });
  });

  it.each([
    ['without a scheme, which Spark reads as a local path', '/logs/events', 'file:/logs/events'],
    ['that is the volume itself', 'file:///logs', 'file:///logs'],
    ['in an object store', 's3a://logs/events', 's3a://logs/events'],
    ['of HDFS', 'hdfs://namenode/events', 'hdfs://namenode/events'],
  ])('reads a directory %s', (_, eventLogDir, read) => {
    const line = `spark.history.fs.logDirectory=${read.replaceAll(':', '\\:')}`;
    expect(propertiesOf(podOf(whole, { eventLogDir }))).toContain(line);
  });

  it.each([
    ["the driver's own file system", 'file:///tmp/spark-events'],
    ['a directory whose name only begins like a mount', '/logs-of-others'],
    ['a volume that is empty in each pod', '/cache/events'],
    ['a claim that was made for the driver', 'file:/scratch/events'],
  ])('cannot read %s', (_, eventLogDir) => {
    expect(() => podOf(whole, { eventLogDir })).toThrow(
      `The event log was written to ${eventLogDir.replace(/^\//, 'file:/')}, which is not on a volume that outlives the driver pod.`,
    );
  });
});
