import { gunzipSync } from 'node:zlib';
import { present } from '../../src/validation/present.ts';
import type { Call } from './http2-proxy.ts';

/** What a call of a worker does, and for whom. */
export interface Step {
  /** Whom it calls: `submitter` is the client of Spark that it starts, or has started. */
  readonly link: 'kubernetes' | 'temporal' | 'submitter';
  /** Such as `create pods` or `RespondActivityTaskCompleted submitSparkApplication`. */
  readonly name: string;
  readonly namespace: string;
  /** Name of the application; absent where the call is for all of the namespace. */
  readonly application?: string;
}

const VERBS: Readonly<Record<string, string>> = { GET: 'get', POST: 'create', PATCH: 'patch', DELETE: 'delete' };
const OBJECT = /^\/apis?\/(?:v1|[^/]+\/v\w+)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/** Undefined for what is no call about an object of a namespace. */
export function kubernetesStep({ method, path, body }: Call): Step | undefined {
  const url = new URL(path, 'https://api');
  const match = OBJECT.exec(url.pathname);
  if (match === null) return undefined;
  const [, namespace, resource, name, subresource] = match;
  const collection = method === 'GET' && name === undefined;
  const verb = collection ? (url.searchParams.has('watch') ? 'watch' : 'list') : VERBS[method];
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const application = resource === APPLICATIONS ? (name ?? nameOf(body)) : ofPod(name, body);
  return {
    link: 'kubernetes',
    name: url.searchParams.has('dryRun') ? `dry-run ${what}` : `${verb} ${what}`,
    namespace: namespace!,
    ...present({ application }),
  };
}

/** A resource has the name of its application. */
const APPLICATIONS = 'sparkapplications';

const ofPod = (name: string | undefined, body: Buffer): string | undefined =>
  name === undefined ? metadataOf(body)?.labels?.['sparkoperator.k8s.io/app-name'] : /^(.+)-driver$/.exec(name)?.[1];

const nameOf = (body: Buffer): string | undefined => metadataOf(body)?.name;

interface Metadata {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const metadataOf = (body: Buffer): Metadata | undefined =>
  body.length === 0 ? undefined : (JSON.parse(body.toString()) as { metadata?: Metadata }).metadata;

/** Answers to tasks, and what an operator asks of a workflow. */
const CALLS =
  /^(Respond(WorkflowTask|ActivityTask)(Completed|Failed|Canceled)|(Start|Update|Describe|RequestCancel)Workflow(Execution)?)$/;
const ACTIVITY =
  /submitSparkApplication|waitForSparkDriver|stopSparkDriver|finalizeSparkApplication|checkManifestUpdate|createScheduledRun|waitForScheduledRun/;
/** Of an application, of the pipeline whose only stage it is and of that stage, or of a run of a schedule. */
const WORKFLOW = /(spark|pipeline|scheduled-run)\/([a-z0-9-]+)\/([a-z0-9-]+)(\/only(\/stage)?)?/;

/** Id of the pipeline of which an application is the only stage. */
export const pipelineIdOf = (namespace: string, application: string): string =>
  `pipeline/${namespace}/${application}/only`;

/**
 * Undefined for what is no call about a workflow. Task tokens are opaque to clients; they happen to name the workflow, and
 * the activity, that they are of.
 */
export function temporalStep({ path, body }: Call): Step | undefined {
  const rpc = path.slice(path.lastIndexOf('/') + 1);
  if (!CALLS.test(rpc)) return undefined;
  const text = message(body).toString('latin1');
  const [, kind, namespace, application, , stage] = WORKFLOW.exec(text) ?? [];
  if (namespace === undefined || application === undefined) return undefined;
  const activity = rpc.startsWith('RespondActivity') ? ACTIVITY.exec(text)?.[0] : undefined;
  const name = activity === undefined ? rpc : `${rpc} ${activity}`;
  const isOfApplication = kind === 'spark' || stage !== undefined;
  return { link: 'temporal', name: isOfApplication ? name : `${kind} ${name}`, namespace, application };
}

/** What is in a frame of gRPC. */
function message(frame: Buffer): Buffer {
  const compressed = frame[0] === 1;
  return compressed ? gunzipSync(frame.subarray(5)) : frame.subarray(5);
}
