import { randomBytes } from 'node:crypto';
import type { Container, Job, Secret, Volume } from '../../kubernetes/objects.ts';
import { surroundingsOf } from '../../spark/driver/surroundings.ts';
import { Label } from '../../spark/metadata.ts';
import { submissionJobName } from '../../protocol/submission-identity.ts';
import type { SubmissionRequest } from '../contract.ts';
import { driverWithoutFeatureSteps } from '../spark-submit/ask-spark.ts';

/** The submission that a Job, and its pod, are for. Not the label of what belongs to the driver: this does not. */
export const SUBMISSION_JOB = 'temporal-spark/submission-job';

/** Container of the application's image, in which Spark's client runs. */
export const CLIENT_CONTAINER = 'spark-submit';
/** Container of our image, which gives Spark's client an API server, and creates what that was sent. */
export const CREATOR_CONTAINER = 'creator';

export interface SubmissionJobOptions {
  /** Image of temporal-spark: that of the workers. */
  readonly image: string;
  /** Seconds until Kubernetes ends it. */
  readonly deadlineSeconds: number;
}

const REQUEST_FILE = 'request.json';
const REQUEST_VOLUME = 'temporal-spark-request';
const REQUEST_PATH = '/temporal-spark/request';
const WORK_VOLUME = 'temporal-spark-work';
/** Where what spark-submit is given and makes lies, in both containers. */
export const WORK_PATH = '/temporal-spark/work';

/** Keeps its result for a worker that reads it after a while. */
const TTL_SECONDS = 600;

/**
 * The Job that submits an attempt, for the driver's service account and on the driver's nodes. Spark's client finds what
 * the driver finds of credentials and configuration: variables of its environment, Secrets and ConfigMaps.
 */
export function submissionJob(request: SubmissionRequest, { image, deadlineSeconds }: SubmissionJobOptions): Job {
  const { submission, identity } = request;
  const name = submissionJobName(identity);
  const labels = {
    [SUBMISSION_JOB]: identity.submissionId,
    ...(identity.labels[Label.AppName] !== undefined && { [Label.AppName]: identity.labels[Label.AppName] }),
  };
  const given = surroundingsOf(driverWithoutFeatureSteps(submission, identity), isShared);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: submission.namespace, labels },
    spec: {
      // The workflow tries again.
      backoffLimit: 0,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: TTL_SECONDS,
      template: {
        metadata: { labels, annotations: { 'sidecar.istio.io/inject': 'false' } },
        spec: {
          ...given.spec,
          restartPolicy: 'Never',
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 5,
          containers: [clientContainer(given.container), creatorContainer(image)],
          volumes: [
            ...given.volumes,
            { name: REQUEST_VOLUME, secret: { secretName: `${name}-${randomBytes(4).toString('hex')}` } },
            // In memory: it has the configuration, and what is secret of that.
            { name: WORK_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
          ],
        },
      },
    },
  };
}

/** What the Job's pod waits for; it goes with the Job. */
export function requestOf(job: Job, request: SubmissionRequest): Secret {
  const { name, namespace, uid, labels } = job.metadata!;
  const volume = job.spec!.template.spec!.volumes!.find((candidate) => candidate.name === REQUEST_VOLUME);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: volume!.secret!.secretName!,
      namespace: namespace!,
      labels: labels!,
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: name!, uid: uid! }],
    },
    immutable: true,
    data: { [REQUEST_FILE]: Buffer.from(JSON.stringify(request)).toString('base64') },
  };
}

/** A claim may be one that only one node can mount, and then not that of the driver. */
const isShared = ({ secret, configMap, projected, emptyDir, csi }: Volume): boolean =>
  [secret, configMap, projected, emptyDir, csi].some((source) => source !== undefined);

/** Waits for the script to run, which reports how it ended. */
function clientContainer(driver: Partial<Container>): Container {
  const script = `${WORK_PATH}/${CLIENT_SCRIPT}`;
  return {
    ...driver,
    name: CLIENT_CONTAINER,
    command: ['/bin/sh', '-c', `until [ -e ${script} ]; do sleep 0.2; done; exec /bin/sh ${script}`],
    volumeMounts: [...(driver.volumeMounts ?? []), { name: WORK_VOLUME, mountPath: WORK_PATH }],
    resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
  };
}

/** Name of the file with the script for the client's container; it appears there complete. */
export const CLIENT_SCRIPT = 'submit.sh';

function creatorContainer(image: string): Container {
  return {
    name: CREATOR_CONTAINER,
    image,
    args: ['submission-job', '--request', `${REQUEST_PATH}/${REQUEST_FILE}`, '--directory', WORK_PATH],
    volumeMounts: [
      { name: REQUEST_VOLUME, mountPath: REQUEST_PATH, readOnly: true },
      { name: WORK_VOLUME, mountPath: WORK_PATH },
    ],
    // It writes its result; where it could not, its log contains the reason.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      // `node` of our image, whose name Kubernetes cannot distinguish from root's.
      runAsUser: 1000,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}
