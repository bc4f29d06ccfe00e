import { availableParallelism } from 'node:os';
import { compareObjects, madeObjects, type Difference, type NormalObjects } from '../../../submitters/compare/index.ts';
import type { SparkApplication } from '../../../manifest/index.ts';
import { sparkApplicationWorkflowId } from '../../../protocol/ids.ts';
import { attemptIdentity, attemptSubmission, driverPodName, SubmissionRefused } from '../../../spark/index.ts';
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
  /** Names of two submitters that can say what they would create. */
  readonly from: string;
  readonly to: string;
  /** Paths of differences that are all right, beside those that are meant; `*` is one step of any name. @default none */
  readonly allow?: readonly string[];
}

/** One place of one object. */
export interface ObjectDifference {
  /** Kind, and where there are several, name: `Pod`, `ConfigMap …-driver-conf-map`. */
  readonly object: string;
  /** JSON pointer into the object. */
  readonly path: string;
  /** Absent where there is nothing; `*****` where it may be secret. */
  readonly from?: unknown;
  readonly to?: unknown;
}

/** What becomes of one application with the one submitter and with the other. */
export interface ApplicationDiff {
  /** `{namespace}/{name}` */
  readonly application: string;
  readonly result: 'same' | 'different' | 'refused';
  /** That nobody has said to be meant. */
  readonly differences: readonly ObjectDifference[];
  readonly intended: readonly (ObjectDifference & { readonly reason: string })[];
  /** Why a submitter would not take it, by its name. Where both would not, there is nothing to compare. */
  readonly refused: Readonly<Record<string, string>>;
  /** What to bear in mind about the result. */
  readonly note?: string;
}

/**
 * Compares what two submitters would make of applications, and makes none of it: no server is asked. Where Spark's own
 * client takes part, it is what that sent that counts, before anything of ours is given to it.
 *
 * @returns the results in the order of the applications, each as soon as it is there
 * @throws ComparisonError where there is nothing to compare with
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
    result.catch(() => undefined); // told when it is asked for
    results.push(result);
  }
  for (const result of results) yield await result;
}

type Renderer = SparkApplicationSubmitter & Required<Pick<SparkApplicationSubmitter, 'render'>>;

function rendering(submitters: SubmittersToCompare, name: string): Renderer {
  const submitter = submitters.get(name);
  if (submitter.render !== undefined) return submitter as Renderer;
  throw new ComparisonError(
    `The submitter "${name}" has no \`render\`: it can't say what it would create without creating it.`,
  );
}

async function diffOf(
  application: SparkApplication,
  from: Renderer,
  to: Renderer,
  allow: readonly string[],
): Promise<ApplicationDiff> {
  const { namespace, name } = application.metadata;
  const told = { application: `${namespace}/${name}`, ...noteOn(application, [from, to]) };
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
    return { ...told, result: 'refused', differences: [], intended: [], refused };
  }
  const { unintended, intended } = compareObjects(first.made, second.made, request.identity, namespace);
  const allowed = (path: string) => allow.find((pattern) => fits(path, pattern));
  const differences = unintended.filter(({ path }) => allowed(path) === undefined);
  return {
    ...told,
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
    throw new ComparisonError(`The submitter "${submitter.name}" can't be asked: ${(error as Error).message}`);
  }
  const made =
    rendered.sent === undefined
      ? madeObjects([rendered.pod, ...rendered.dependents], request.identity.resourceNamePrefix)
      : madeObjects(rendered.sent);
  if (made === undefined) throw new ComparisonError(`The submitter "${submitter.name}" would create no pod.`);
  return { made };
}

/** Another Spark than the application's makes other objects, whoever submits. */
function noteOn({ spec }: SparkApplication, submitters: readonly Renderer[]): { note?: string } {
  const home = submitters.find((submitter) => submitter instanceof SparkSubmitSubmitter)?.home;
  const version = home === undefined ? undefined : sparkVersionOf(home);
  if (version === undefined || minorOf(version) === minorOf(spec.sparkVersion)) return {};
  return {
    note: `The application's Spark is ${spec.sparkVersion}, that of spark-submit ${version}: differences may be those of the two Sparks.`,
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

/** `{kind}/{name}`, escaped, with what stands for generated names. */
function named(key: string): string {
  const [kind = '', name = ''] = key.replaceAll('~1', '/').replaceAll('~0', '~').split('/');
  const readable = name
    .replace('CONF_MAP', '…-driver-conf-map')
    .replace('SERVICE', '…-driver-svc')
    .replace('PREFIX', '…');
  return `${kind} ${readable}`;
}

/** As the paths are in the output: the object is a first step, `/Pod/spec/…`. */
function fits(path: string, pattern: string): boolean {
  const { object, path: inside } = placed({ path, from: undefined, to: undefined });
  const steps = [object.split(' ')[0]!, ...inside.split('/').slice(1)];
  const wanted = pattern.split('/').slice(1);
  return steps.length === wanted.length && wanted.every((step, index) => step === '*' || step === steps[index]);
}
