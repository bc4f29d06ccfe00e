import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import { createSparkActivities } from '../../src/activities/index.ts';
import { connectKubernetes, Resources } from '../../src/kubernetes/index.ts';
import type { Job } from '../../src/kubernetes/objects.ts';
import { parseSparkApplication } from '../../src/manifest/index.ts';
import { attemptIdentity, attemptSubmission } from '../../src/spark/index.ts';
import { SparkSubmitJobSubmitter, type IsolatedRights, type SubmissionRequest } from '../../src/submitters/index.ts';
import { submissionJob } from '../../src/submitters/spark-submit-job/submission-job.ts';
import { workerKubeconfig } from '../support/chart-rights.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { sparkPi } from '../support/manifests.ts';

interface Installed {
  /** Of the applications; their account is that of the chart. */
  readonly namespace: string;
  /** Stops the attempt of a request, whose submission was lost, with the rights of the chart's workers. */
  readonly stop: (request: SubmissionRequest) => Promise<unknown>;
  /** Makes the Job of a request, as a worker that dies then; its pod is yet to come. */
  readonly leave: (request: SubmissionRequest) => Promise<Job>;
  readonly jobs: () => Promise<string[]>;
}

async function install(rights: IsolatedRights): Promise<Installed> {
  const { kubeconfig: admin } = sharedLab();
  const workers = await createNamespace({ prefix: 'workers' });
  const namespace = `${workers}-applications`;
  const api = await ApiServer.connect(admin);
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } }).finally(() => api.close());
  const kubeconfig = await workerKubeconfig(admin, workers, {
    applications: { isolated: true, namespaces: [namespace] },
    submitters: { sparkSubmitJob: {}, isolated: { rights } },
  });
  const kubernetes = await connectKubernetes({ kubeconfig });
  const all = await connectKubernetes({ kubeconfig: admin });
  onTestFinished(() => [kubernetes, all].forEach((client) => client.close()));
  const submitter = new SparkSubmitJobSubmitter({ image: 'temporal-spark:test', rights });
  const activities = createSparkActivities({ kubernetes, submitter });
  return {
    namespace,
    stop: ({ identity: { driverPodName, submissionId, resourceNamePrefix } }) => {
      const job = `${resourceNamePrefix}-submit`;
      const unsettled = { passedMs: 0, forMs: 0, job, serviceAccount: 'spark' };
      const environment = new MockActivityEnvironment({
        scheduledTimestampMs: 0,
        currentAttemptScheduledTimestampMs: 0,
      });
      return environment.run(() => activities.stopSparkDriver({ namespace, driverPodName, submissionId, unsettled }));
    },
    leave: (request) => {
      const job = submissionJob(request, { image: 'temporal-spark:test', deadlineSeconds: 120 });
      return all.create(Resources.jobs, { ...job, spec: { ...job.spec!, suspend: true } });
    },
    jobs: async () => {
      const found: string[] = [];
      for await (const page of all.list(Resources.jobs, namespace)) {
        found.push(
          ...page.filter(({ metadata }) => !metadata!.deletionTimestamp).map(({ metadata }) => metadata!.name!),
        );
      }
      return found;
    },
  };
}

function requestIn(namespace: string, firstRunId = 'run'): SubmissionRequest {
  const identity = attemptIdentity({
    workflowId: `spark/${namespace}/lost`,
    firstRunId,
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: 'lost',
    driverPodName: 'lost-driver',
    submitTime: 0,
  });
  const application = parseSparkApplication(sparkPi({ name: 'lost', namespace }));
  return { submission: attemptSubmission(application, identity), identity };
}

describe.each(['impersonation', 'token'] as const)('a stop with the rights of the chart (%s)', (rights) => {
  it('deletes the Job of a lost submission before its pod exists', async () => {
    const { namespace, leave, stop, jobs } = await install(rights);
    const request = requestIn(namespace);
    await leave(request);
    await expect(stop(request)).resolves.toEqual({});
    expect(await jobs()).toEqual([]);
  });

  it('leaves the Job of another submission alone', async () => {
    const { namespace, leave, stop, jobs } = await install(rights);
    const { metadata } = await leave(requestIn(namespace, 'another run'));
    await expect(stop(requestIn(namespace))).resolves.toEqual({});
    expect(await jobs()).toEqual([metadata!.name]);
  });
});
