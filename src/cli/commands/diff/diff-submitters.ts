import { availableParallelism } from 'node:os';
import type { SparkApplication } from '../../../manifest/index.ts';
import { sparkApplicationWorkflowId } from '../../../protocol/ids.ts';
import { attemptIdentity, attemptSubmission, driverPodName, SubmissionRefused } from '../../../spark/index.ts';
import {
  compareObjects,
  normaliseCreated,
  type Difference,
  type NormalObjects,
} from '../../../submitters/compare/index.ts';
import {
  SparkSubmitSubmitter,
  type RenderedDriver,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
} from '../../../submitters/index.ts';
import { sparkVersionOf } from '../../../submitters/spark-submit/spark-version-of.ts';
import {
  ComparisonError,
  submittersToCompare,
  type SubmittersToCompare,
  type SubmittersToCompareOptions,
} from '../../submitters-to-compare.ts';

export interface DiffOptions extends SubmittersToCompareOptions {
  /** Names of two submitters with `render`. */
  readonly from: string;
  readonly to: string;
  /** Paths of differences to accept, in addition to intended ones; `*` matches one step. @default none */
  readonly allow?: readonly string[];
}

/** One difference in one object. */
export interface ObjectDifference {
  /** Kind, with the name where several exist: `Pod`, `ConfigMap …-driver-conf-map`. */
  readonly object: string;
  /** JSON pointer into the object. */
  readonly path: string;
  /** Absent where the object has no such value; `*****` where it may be secret. */
  readonly from?: unknown;
  readonly to?: unknown;
}

/** The comparison of one application. */
export interface ApplicationDiff {
  /** `{namespace}/{name}` */
  readonly application: string;
  readonly result: 'same' | 'different' | 'refused';
  /** Differences that are neither intended nor allowed. */
  readonly differences: readonly ObjectDifference[];
  readonly intended: readonly (ObjectDifference & { readonly reason: string })[];
  /** Why a submitter rejects the application, by its name. */
  readonly refused: Readonly<Record<string, string>>;
  /** A caveat about the result. */
  readonly note?: string;
}

/**
 * Compares the objects that two submitters would create; creates nothing and connects to no server. Of Spark's own client
 * the objects are compared as it sent them, before this project adds to them.
 *
 * @returns the results in the order of the applications, each as soon as it is complete
 * @throws ComparisonError where a submitter is unknown or cannot render
 * @throws SubmittersConfigurationError with every problem of the file
 */
export async function* diffSubmitters(
  applications: readonly SparkApplication[],
  options: DiffOptions,
): AsyncGenerator<ApplicationDiff> {
  const submitters = await submittersToCompare(options);
  const [from, to] = [options.from, options.to].map((name) => rendering(submitters, name)) as [Renderer, Renderer];
  const turns = availableParallelism();
  const results: Promise<ApplicationDiff>[] = [];
  for (const [index, application] of applications.entries()) {
    const turn = results[index - turns]?.catch(() => undefined);
    const result = Promise.resolve(turn).then(() => diffOf(application, from, to, options.allow ?? []));
    result.catch(() => undefined); // reported when awaited
    results.push(result);
  }
  for (const result of results) yield await result;
}

type Renderer = SparkApplicationSubmitter & Required<Pick<SparkApplicationSubmitter, 'render'>>;

function rendering(submitters: SubmittersToCompare, name: string): Renderer {
  const submitter = submitters.get(name);
  if (submitter.render !== undefined) return submitter as Renderer;
  throw new ComparisonError(`Submitter "${name}" cannot be compared: it does not implement \`render\`.`);
}

async function diffOf(
  application: SparkApplication,
  from: Renderer,
  to: Renderer,
  allow: readonly string[],
): Promise<ApplicationDiff> {
  const { namespace, name } = application.metadata;
  const base = { application: `${namespace}/${name}`, ...noteOn(application, [from, to]) };
  const request = requestOf(application);
  const outcomes = await Promise.all([outcomeOf(from, request), outcomeOf(to, request)]);
  const [first, second] = outcomes;
  if (!('made' in first) || !('made' in second)) {
    const refused = Object.fromEntries(
      [from, to].flatMap((submitter, index) => {
        const outcome = outcomes[index]!;
        return 'refusal' in outcome ? [[submitter.name, outcome.refusal]] : [];
      }),
    );
    return { ...base, result: 'refused', differences: [], intended: [], refused };
  }
  const { unintended, intended } = compareObjects(first.made, second.made, request.identity, namespace);
  const allowed = (path: string) => allow.find((pattern) => fits(path, pattern));
  const differences = unintended.filter(({ path }) => allowed(path) === undefined);
  return {
    ...base,
    result: differences.length === 0 ? 'same' : 'different',
    differences: differences.map(placed),
    intended: [
      ...intended.map((each) => ({ ...placed(each), reason: each.reason })),
      ...unintended
        .filter(({ path }) => allowed(path) !== undefined)
        .map((each) => ({ ...placed(each), reason: `Allowed by ${allowed(each.path)}.` })),
    ],
    refused: {},
  };
}

/** The application's first attempt, under a made-up run. */
function requestOf(application: SparkApplication): SubmissionRequest {
  const { namespace, name } = application.metadata;
  const identity = attemptIdentity({
    workflowId: sparkApplicationWorkflowId(namespace, name),
    firstRunId: 'compared',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: driverPodName(application),
    submitTime: 0,
  });
  return { submission: attemptSubmission(application, identity), identity };
}

async function outcomeOf(
  submitter: Renderer,
  request: SubmissionRequest,
): Promise<{ readonly made: NormalObjects } | { readonly refusal: string }> {
  let rendered: RenderedDriver;
  try {
    rendered = await submitter.render(request, { signal: new AbortController().signal });
  } catch (error) {
    if (error instanceof SubmissionRefused) return { refusal: error.message };
    throw new ComparisonError(
      `Submitter "${submitter.name}" failed to render an application: ${(error as Error).message}`,
    );
  }
  const made =
    rendered.sent === undefined
      ? normaliseCreated([rendered.pod, ...rendered.dependents], request.identity.resourceNamePrefix)
      : normaliseCreated(rendered.sent);
  if (made === undefined) throw new ComparisonError(`Submitter "${submitter.name}" rendered no pod.`);
  return { made };
}

/** A Spark of another version creates other objects, whatever the submitter. */
function noteOn({ spec }: SparkApplication, submitters: readonly Renderer[]): { note?: string } {
  const home = submitters.find((submitter) => submitter instanceof SparkSubmitSubmitter)?.home;
  const version = home === undefined ? undefined : sparkVersionOf(home);
  if (version === undefined || minorOf(version) === minorOf(spec.sparkVersion)) return {};
  return {
    note: `The application needs Spark ${spec.sparkVersion}, spark-submit is of Spark ${version}; differences may come from the versions.`,
  };
}

const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

const SECRET = /secret|password|token|credential|access[.]?key/i;

function placed({ path, from, to }: Difference): ObjectDifference {
  const [, part, ...rest] = path.split('/');
  const [object, steps] =
    part === 'dependents' ? [named(rest[0] ?? ''), rest.slice(1)] : [part === 'pod' ? 'Pod' : (part ?? ''), rest];
  const shown = (value: unknown) => (SECRET.test(steps.join('/')) || object.startsWith('Secret ') ? '*****' : value);
  return {
    object,
    path: steps.map((step) => `/${step}`).join(''),
    ...(from === undefined ? {} : { from: shown(from) }),
    ...(to === undefined ? {} : { to: shown(to) }),
  };
}

/** From `{kind}/{name}`, escaped, with placeholders for generated names. */
function named(key: string): string {
  const [kind = '', name = ''] = key.replaceAll('~1', '/').replaceAll('~0', '~').split('/');
  const readable = name
    .replace('CONF_MAP', '…-driver-conf-map')
    .replace('SERVICE', '…-driver-svc')
    .replace('PREFIX', '…');
  return `${kind} ${readable}`;
}

/** Matches paths as the output shows them, with the object as the first step: `/Pod/spec/…`. */
function fits(path: string, pattern: string): boolean {
  const { object, path: inside } = placed({ path, from: undefined, to: undefined });
  const steps = [object.split(' ')[0]!, ...inside.split('/').slice(1)];
  const wanted = pattern.split('/').slice(1);
  return steps.length === wanted.length && wanted.every((step, index) => step === '*' || step === steps[index]);
}
