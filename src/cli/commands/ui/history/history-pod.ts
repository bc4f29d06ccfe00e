import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Resources, type KubernetesClient, type Pod } from '../../../../kubernetes/index.ts';
import { ApplicationAnnotation, parseSparkApplication } from '../../../../manifest/index.ts';
import { nodeFacts, parsePlacement, place, readPlacement, type NodeFacts } from '../../../../placement/index.ts';
import type { SparkSubmission } from '../../../../spark/index.ts';
import { historyServerPod } from '../../../../spark/history/history-server-pod.ts';
import { Label } from '../../../../spark/metadata.ts';
import { driverWithoutFeatureSteps } from '../../../../submitters/spark-submit/ask-spark.ts';
import { present } from '../../../../validation/present.ts';
import { readProblem } from '../../../../validation/read-problem.ts';
import { withoutTrailing } from '../../../../validation/trim.ts';
import { CliError, ExitCode } from '../../../exit-code.ts';
import { madeUpAttempt } from '../../../output/rendered-objects.ts';
import type { Known } from '../known.ts';

export interface LoggedApplication extends Pick<Known, 'status' | 'manifest'> {
  readonly eventLogDir: string;
}

/** Leaves room for `-history-` and eight characters within a host name. */
const NAME_LIMIT = 46;

/**
 * The pod of a history server for the event log of an application's last attempt. It goes where the driver is, or was:
 * by the driver's pod, and where that is gone by the placement file.
 *
 * @throws ManifestError, SubmissionRefused, PlacementRefused, EventLogLost, KubernetesError; CliError for the file
 */
export async function historyPodOf(
  kubernetes: KubernetesClient,
  { status, manifest, eventLogDir }: LoggedApplication,
  placementFile?: string,
): Promise<Pod> {
  const { namespace, name: applicationName, submissionId = '', driverPodName = '' } = status;
  const application = parseSparkApplication(manifest);
  const { submission, identity } = madeUpAttempt(application);
  const pod = await kubernetes.get<Pod>(Resources.pods, namespace, driverPodName);
  const existing = pod?.metadata?.labels?.[Label.SubmissionId] === submissionId ? pod : undefined;
  const profile = status.placement?.profile ?? application.metadata.annotations[ApplicationAnnotation.PlacementProfile];
  const placed = existing === undefined ? await byFile(kubernetes, submission, { profile, placementFile }) : submission;
  return historyServerPod({
    name: `${withoutTrailing(applicationName.slice(0, NAME_LIMIT), '-')}-history-${randomBytes(4).toString('hex')}`,
    ...{ namespace, applicationName, submissionId, eventLogDir, conf: placed.conf },
    driver: driverWithoutFeatureSteps(placed, identity),
    ...present({ existing }),
  });
}

/** A profile that the file does not have is of another file: then its default profile is used. */
async function byFile(
  kubernetes: KubernetesClient,
  submission: SparkSubmission,
  { profile = '', placementFile }: { readonly profile: string | undefined; readonly placementFile: string | undefined },
): Promise<SparkSubmission> {
  const placement = placementFile === undefined ? parsePlacement() : await readFrom(placementFile);
  const known = Object.hasOwn(placement.profiles, profile) ? profile : undefined;
  // Only an exception depends on the nodes of the cluster.
  const isException = known !== undefined && placement.profiles[known]!.exception !== undefined;
  const nodes = isException ? await nodesOf(kubernetes) : undefined;
  return place(submission, { placement, ...present({ profile: known, nodes }), attemptLabels: {} }).submission;
}

async function readFrom(file: string): Promise<ReturnType<typeof parsePlacement>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(ExitCode.BadInput, `Cannot read the placement file ${file}: ${readProblem(error)}.`, error);
  });
  return parsePlacement(readPlacement(text, file));
}

async function nodesOf(kubernetes: KubernetesClient): Promise<readonly NodeFacts[]> {
  const nodes: NodeFacts[] = [];
  for await (const page of kubernetes.list(Resources.nodes, undefined)) nodes.push(...page.map(nodeFacts));
  return nodes;
}
