import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Job, PodSpec } from '../../../src/kubernetes/objects.ts';
import { parseSparkApplication, type SparkApplicationManifest } from '../../../src/manifest/index.ts';
import { attemptIdentity, attemptSubmission } from '../../../src/spark/index.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { runSubmissionJob, writeOutcome, type SubmissionRequest } from '../../../src/submitters/index.ts';
import { readOutcome } from '../../../src/submitters/spark-submit-job/outcome.ts';
import { CLIENT_SCRIPT, requestOf, submissionJob } from '../../../src/submitters/spark-submit-job/submission-job.ts';
import { sparkPi } from '../../support/manifests.ts';

function request(change: (manifest: SparkApplicationManifest) => void = () => {}): SubmissionRequest {
  const manifest = sparkPi({ name: 'pi', namespace: 'tenant' });
  change(manifest);
  const identity = attemptIdentity({
    workflowId: 'spark/tenant/pi',
    firstRunId: 'run',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: 'pi',
    driverPodName: 'pi-driver',
    submitTime: 0,
  });
  return { submission: attemptSubmission(parseSparkApplication(manifest), identity), identity };
}

const jobOf = (change?: (manifest: SparkApplicationManifest) => void): Job =>
  submissionJob(request(change), { image: 'temporal-spark:1', deadlineSeconds: 240 });
const podOf = (change?: (manifest: SparkApplicationManifest) => void): PodSpec => jobOf(change).spec!.template.spec!;

describe('the Job of a submission', () => {
  it('is not a driver, and Kubernetes neither retries nor keeps it', () => {
    const { metadata, spec } = jobOf();
    expect(spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 240, ttlSecondsAfterFinished: 600 });
    expect(spec!.template.spec!.restartPolicy).toBe('Never');
    for (const labels of [metadata!.labels!, spec!.template.metadata!.labels!]) {
      expect(labels).toHaveProperty(['temporal-spark/submission-job'], request().identity.submissionId);
      // By which housekeeping, waits and the check of strays know what belongs to a driver.
      expect(labels).not.toHaveProperty([Label.SubmissionId]);
      expect(labels).not.toHaveProperty(['spark-role']);
    }
    expect(metadata!.name!.length + '-abcde'.length).toBeLessThanOrEqual(63);
  });

  it("runs where the driver does, as the driver's service account, with the application's image and ours", () => {
    const pod = podOf(({ spec }) => {
      spec.driver.serviceAccount = 'team';
      spec.nodeSelector = { pool: 'compute' };
      spec.imagePullSecrets = ['registry'];
      spec.driver.tolerations = [{ key: 'spark', operator: 'Exists' }];
      spec.driver.podSecurityContext = { runAsNonRoot: true, runAsUser: 185 };
    });
    expect(pod).toMatchObject({
      serviceAccountName: 'team',
      nodeSelector: { pool: 'compute' },
      imagePullSecrets: [{ name: 'registry' }],
      tolerations: expect.arrayContaining([{ key: 'spark', operator: 'Exists' }]) as unknown,
      securityContext: { runAsNonRoot: true, runAsUser: 185 },
    });
    expect(pod.containers.map(({ name, image }) => `${name} ${image}`)).toEqual([
      `spark-submit ${sparkPi({ name: 'pi', namespace: 'tenant' }).spec.image}`,
      'creator temporal-spark:1',
    ]);
  });

  it("gives Spark's client the driver's credentials, and nothing that is made only with the driver", () => {
    const { containers, volumes } = podOf(({ spec }) => {
      spec.driver.envFrom = [{ secretRef: { name: 'object-store' } }];
      spec.driver.secrets = [{ name: 'keytab', path: '/keytab', secretType: 'Generic' }];
      spec.driver.configMaps = [{ name: 'core-site', path: '/etc/hadoop' }];
      spec.sparkConf = {
        'spark.kubernetes.driver.volumes.persistentVolumeClaim.data.mount.path': '/data',
        'spark.kubernetes.driver.volumes.persistentVolumeClaim.data.options.claimName': 'data',
      };
    });
    const sources = volumes!.map(
      ({ secret, configMap, ...rest }) => secret?.secretName ?? configMap?.name ?? rest.name,
    );
    expect(sources).toEqual(expect.arrayContaining(['keytab', 'core-site']));
    expect(sources.join(' ')).not.toMatch(/driver-conf-map|data/);
    const [client] = containers;
    expect(client!.envFrom).toEqual([{ secretRef: { name: 'object-store' } }]);
    const mounted = client!.volumeMounts!.map(({ mountPath }) => mountPath);
    expect(mounted).toEqual(expect.arrayContaining(['/keytab', '/etc/hadoop', '/temporal-spark/work']));
    expect(mounted).not.toContain('/data');
    const names = new Set(volumes!.map(({ name }) => name));
    expect(containers.flatMap(({ volumeMounts }) => volumeMounts!).every(({ name }) => names.has(name))).toBe(true);
  });

  it('is the same for feature steps, which only Spark reads', () => {
    const steps = { 'spark.kubernetes.driver.pod.featureSteps': 'org.example.Step' };
    expect(podOf(({ spec }) => (spec.sparkConf = steps)).containers).toEqual(podOf().containers);
  });

  it('has its request from a Secret that goes with it', () => {
    const job = jobOf();
    job.metadata!.uid = 'uid-of-the-job';
    const secret = requestOf(job, request());
    expect(secret.metadata!.ownerReferences).toEqual([
      { apiVersion: 'batch/v1', kind: 'Job', name: job.metadata!.name, uid: 'uid-of-the-job' },
    ]);
    expect(job.spec!.template.spec!.volumes).toContainEqual(
      expect.objectContaining({ secret: { secretName: secret.metadata!.name } }),
    );
    expect(JSON.parse(Buffer.from(Object.values(secret.data!)[0]!, 'base64').toString())).toEqual(
      JSON.parse(JSON.stringify(request())),
    );
  });
});

describe("the script of Spark's client in a Job", () => {
  it('passes each argument on as it is, whatever a shell would make of it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-job-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const hostile = [
      `'; touch ${directory}/ran; '`,
      `$(touch ${directory}/ran)`,
      '`id`',
      '--conf',
      'a b\nc',
      '"',
      '\\',
    ];
    const requestFile = join(directory, 'request.json');
    writeFileSync(requestFile, JSON.stringify(request(({ spec }) => (spec.arguments = hostile))));
    // In the place of Spark's client: its arguments, one an entry.
    mkdirSync(join(directory, 'bin'));
    writeFileSync(
      join(directory, 'bin', 'spark-submit'),
      `#!/bin/sh\nprintf '%s\\0' "$@" >${directory}/given\nexit 1\n`,
      {
        mode: 0o755,
      },
    );
    const kubernetes = undefined as unknown as KubernetesClient;
    const work = join(directory, 'work');
    mkdirSync(work);
    const job = runSubmissionJob({ requestFile, directory: work, kubernetes, signal: new AbortController().signal });
    const script = join(work, CLIENT_SCRIPT);
    await eventually('the script', () => existsSync(script));
    execFileSync('/bin/sh', [script], { env: { SPARK_HOME: directory } });
    await job;
    expect(
      readFileSync(join(directory, 'given'), 'utf8')
        .split('\0')
        .slice(-hostile.length - 1, -1),
    ).toEqual(hostile);
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });
});

describe('the result of a submission in a Job', () => {
  it('is read as it was written, and always fits into a termination message', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 6_000 }), fc.boolean(), (message, retryable) => {
        const text = writeOutcome({ failed: { type: 'Some', retryable, message } });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
        const { failed } = readOutcome(text) as { failed: { message: string } };
        expect(failed).toMatchObject({ type: 'Some', retryable });
        expect(message.startsWith(failed.message)).toBe(true);
        if (Buffer.byteLength(JSON.stringify(message)) < 4_000) expect(failed.message).toBe(message);
      }),
    );
  });

  it.each([undefined, '', 'killed', '{}', '[]', '{"created":{"driverPodName":"x"}}', '{"failed":{"message":"x"}}'])(
    'is ignored where it is not valid: %s',
    (text) => expect(readOutcome(text)).toBeUndefined(),
  );

  it('is a failure with its reason where the request is missing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-job-'));
    try {
      const kubernetes = undefined as unknown as KubernetesClient;
      const run = (requestFile: string) =>
        runSubmissionJob({ requestFile, directory, kubernetes, signal: new AbortController().signal });
      await expect(run(join(directory, 'none'))).resolves.toMatchObject({
        failed: { type: 'SubmitterFailed', message: expect.stringContaining('ENOENT') as string },
      });
      writeFileSync(join(directory, 'broken'), '{');
      await expect(run(join(directory, 'broken'))).resolves.toMatchObject({ failed: { type: 'SubmitterFailed' } });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
