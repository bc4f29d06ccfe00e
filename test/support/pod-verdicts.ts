import fc from 'fast-check';
import { expect } from 'vitest';
import { KubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { ManifestError, parseSparkApplication } from '../../src/manifest/index.ts';
import { attemptIdentity, SubmissionRefused, toSparkSubmission } from '../../src/spark/index.ts';
import { inspectDriver } from '../../src/spark/driver/build-driver-objects.ts';
import type { CheckedPod } from '../../src/spark/pods/check-objects.ts';
import { pathText, valueAt } from '../../src/validation/problems.ts';
import { specs } from './pod-samples.ts';

/**
 * Compares our rules with an API server's, for the driver and the first executor of many applications: what we find
 * nothing wrong with it takes, and each field that it refuses we name.
 *
 * @param seed repeats a run
 * @returns how many pods were compared and how many of them the server refused
 */
export async function compareVerdicts(
  kubernetes: KubernetesClient,
  namespace: string,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<{ readonly compared: number; readonly refused: number }> {
  console.log(`pod rules: ${count} applications, seed ${seed}`);
  const verdicts: boolean[] = [];
  const judge = async (spec: Record<string, unknown>): Promise<void> => {
    for (const checked of podsOf(spec, namespace)) verdicts.push(await compareVerdict(kubernetes, checked));
  };
  await fc.assert(fc.asyncProperty(specs, judge), { numRuns: count, seed, endOnFailure: true });
  return { compared: verdicts.length, refused: verdicts.filter((isTaken) => !isTaken).length };
}

/**
 * The same for one pod.
 *
 * @returns whether the server takes it
 */
export async function compareVerdict(kubernetes: KubernetesClient, checked: CheckedPod, name = ''): Promise<boolean> {
  const { role, pod, problems } = checked;
  const fields = await refusedFields(kubernetes, pod);
  const ours = problems.filter(({ byKubelet }) => byKubelet !== true).map(({ path }) => pathText(path));
  const verdict = { name, role, server: fields !== undefined, ours: ours.length > 0 };
  expect({ ...verdict, fields, named: ours }).toMatchObject({ server: verdict.ours });
  const unnamed = (fields ?? []).filter(
    (field) => !ours.some((each) => isSame(each, field) || isOrigin(each, field, pod)) && !isFollowUp(field),
  );
  expect({ name, role, unnamed, named: ours }).toMatchObject({ unnamed: [] });
  return fields === undefined;
}

export function podsOf(spec: Record<string, unknown>, namespace: string): readonly CheckedPod[] {
  try {
    const application = parseSparkApplication({
      apiVersion: 'sparkoperator.k8s.io/v1beta2',
      kind: 'SparkApplication',
      metadata: { name: 'rules', namespace },
      spec: {
        ...{ type: 'Scala', sparkVersion: '4.1.4', image: 'spark:4.1.4', mainClass: 'a.B' },
        mainApplicationFile: 'local:///a.jar',
        ...spec,
      },
    });
    const identity = attemptIdentity({
      ...{ workflowId: 'spark/rules', firstRunId: 'run', attempt: 1, temporalNamespace: 'default', submitTime: 0 },
      ...{ applicationName: 'rules', driverPodName: 'rules-driver' },
    });
    return inspectDriver(toSparkSubmission(application), identity).pods;
  } catch (error) {
    // Refused before there are pods.
    if (error instanceof ManifestError || error instanceof SubmissionRefused) return [];
    throw error;
  }
}

/** The fields that the API server refuses; undefined where it takes the pod. */
async function refusedFields(kubernetes: KubernetesClient, pod: Pod): Promise<string[] | undefined> {
  try {
    await kubernetes.create(Resources.pods, pod, { dryRun: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.type === KubernetesErrorType.BadRequest) return [];
    if (error.type !== KubernetesErrorType.Invalid) throw error;
    return (error.causes ?? []).flatMap(({ field }) => (field === undefined ? [] : [field]));
  }
}

/** Paths without positions and keys: the server names some lists, and we the item. */
const withoutKeys = (path: string): string => path.replaceAll(/\[[^\]]*\]/g, '').toLowerCase();

function isSame(ours: string, field: string): boolean {
  const [a, b] = [withoutKeys(ours), withoutKeys(field)];
  return a.startsWith(b) || b.startsWith(a) || COPIES.some(([copy, origin]) => a.startsWith(b.replace(copy, origin)));
}

/** What the server copies, with its faults, and from where. */
const COPIES: readonly (readonly [copy: string, origin: string])[] = [['.resources.requests', '.resources.limits']];

/**
 * Whether ours is the origin of an expression that the server adds to a selector for `matchLabelKeys`, and that was not
 * sent: its key is from there, its value that of the pod's label.
 */
function isOrigin(ours: string, field: string, pod: Pod): boolean {
  const [, selector, index] = /^(.*\.labelSelector)\.matchExpressions\[(\d+)\]/.exec(field) ?? [];
  if (selector === undefined) return false;
  const path = selector.split(/[.[\]]+/);
  const sent = valueAt(pod, [...path, 'matchExpressions']);
  if (Array.isArray(sent) && Number(index) < sent.length) return false;
  return (
    ours.startsWith(`${selector.slice(0, -'labelSelector'.length)}matchLabelKeys`) || ours.startsWith('metadata.labels')
  );
}

/** A mount of a volume that is refused itself. */
const isFollowUp = (field: string): boolean => /\.volumeMounts\[\d+\]\.name$/.test(field);
