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
  const application = name === undefined ? labelOf(body) : /^(.+)-driver$/.exec(name)?.[1];
  return {
    link: 'kubernetes',
    name: url.searchParams.has('dryRun') ? `dry-run ${what}` : `${verb} ${what}`,
    namespace: namespace!,
    ...present({ application }),
  };
}

function labelOf(body: Buffer): string | undefined {
  if (body.length === 0) return undefined;
  const { metadata } = JSON.parse(body.toString()) as { metadata?: { labels?: Record<string, string> } };
  return metadata?.labels?.['sparkoperator.k8s.io/app-name'];
}

const ANSWERS = /^Respond(WorkflowTask|ActivityTask)(Completed|Failed|Canceled)$/;
const ACTIVITY =
  /submitSparkApplication|waitForSparkDriver|stopSparkDriver|finalizeSparkApplication|checkManifestUpdate/;
/** Of an application, or of the pipeline whose only stage it is, and of that stage. */
const WORKFLOW = /(spark|pipeline)\/([a-z0-9-]+)\/([a-z0-9-]+)(\/only(\/stage)?)?/;

/** Id of the pipeline of which an application is the only stage. */
export const pipelineIdOf = (namespace: string, application: string): string =>
  `pipeline/${namespace}/${application}/only`;

/**
 * Undefined for what is no answer to a task. Task tokens are opaque to clients; they happen to name the workflow, and
 * the activity, that they are of.
 */
export function temporalStep({ path, body }: Call): Step | undefined {
  const rpc = path.slice(path.lastIndexOf('/') + 1);
  if (!ANSWERS.test(rpc)) return undefined;
  const text = message(body).toString('latin1');
  const [, kind, namespace, application, , stage] = WORKFLOW.exec(text) ?? [];
  if (namespace === undefined || application === undefined) return undefined;
  const activity = rpc.startsWith('RespondActivity') ? ACTIVITY.exec(text)?.[0] : undefined;
  const name = activity === undefined ? rpc : `${rpc} ${activity}`;
  const isOfPipeline = kind === 'pipeline' && stage === undefined;
  return { link: 'temporal', name: isOfPipeline ? `pipeline ${name}` : name, namespace, application };
}

/** What is in a frame of gRPC. */
function message(frame: Buffer): Buffer {
  const compressed = frame[0] === 1;
  return compressed ? gunzipSync(frame.subarray(5)) : frame.subarray(5);
}
