import type { Clusters } from '../../clusters/index.ts';
import { explaining, type TeamDefaults } from '../../defaults/index.ts';
import type { KubernetesClient } from '../../kubernetes/index.ts';
import { parseSparkApplication, type SparkApplication } from '../../manifest/index.ts';
import type { Placement } from '../../placement/index.ts';
import type { AttemptPlan, PlacementSummary, SubmitInput } from '../../protocol/index.ts';
import { attemptSubmission, serviceAccountsOf, translating, type CompanionOptions } from '../../spark/index.ts';
import type { DryRuns } from '../../submitters/dry-run/dry-runs.ts';
import type { SubmissionRequest, Submitters } from '../../submitters/index.ts';
import type { Tenancy } from '../../tenancy/index.ts';
import type { Timings } from '../../timings/index.ts';
import { deepFreeze } from '../../validation/deep-freeze.ts';
import { present } from '../../validation/present.ts';
import { completeAttempt } from './attempt-defaults.ts';
import { chooseSubmitter, type Choice } from './choose-submitter.ts';
import { chooseCluster } from './cluster-choice.ts';
import { placeAttempt } from './place-attempt.ts';
import { admissionNeeded } from './pool-queue.ts';
import { allowanceOf, allowedClusters } from './tenancy-allowance.ts';

/** What a submission needs of its worker. */
export interface SubmissionContext {
  /** Of the cluster with that name; of the only one without. */
  readonly cluster: (name?: string) => Promise<KubernetesClient>;
  /** @default there is but one */
  readonly clusters?: Clusters;
  readonly submitters: Submitters;
  readonly dryRuns: DryRuns;
  readonly placement: Placement;
  /** @default everything is allowed */
  readonly tenancy?: Tenancy;
  /** What applications get that their manifests leave out. @default nothing */
  readonly defaults?: TeamDefaults;
  readonly companions: CompanionOptions;
  readonly timings: Timings;
}

/** An attempt of which everything is decided. */
export interface PlannedAttempt {
  readonly application: SparkApplication;
  /** Where there are several. */
  readonly cluster?: string;
  /** Those that tenancy leaves to choose from. @default all */
  readonly allowedClusters?: readonly string[];
  readonly kubernetes: KubernetesClient;
  readonly choice: Choice;
  /** Deeply frozen. */
  readonly request: SubmissionRequest;
  readonly placement: PlacementSummary;
  /** What must be in history before the driver is created; undefined where it is, or nothing must. */
  readonly unrecorded: AttemptPlan | undefined;
}

/**
 * Decides everything of an attempt, and creates nothing: checks the manifest, gives it defaults, chooses the cluster and
 * the submitter, places the pods, checks that tenancy allows all of it, and finds whether a queue must admit it. What the
 * input has of the plan is taken from there.
 *
 * @throws ManifestError, SubmissionRefused, PlacementRefused, TenancyRefused, ClusterError
 */
export async function planAttempt(context: SubmissionContext, input: SubmitInput): Promise<PlannedAttempt> {
  const own = translating(() => parseSparkApplication(input.manifest));
  const decided = input.defaults ?? context.defaults?.decide(own);
  if (decided === undefined) return plan(context, own, input);
  return explaining(own, decided, () => {
    const { defaults } = context;
    const { application, identity } = completeAttempt(own, decided, { identity: input.identity, defaults });
    // They are decided once: each further try has them in its input. The workflow of an older worker, which would ask
    // again without end, gets them unrecorded.
    const isUnrecorded = input.defaults === undefined && input.records?.includes('defaults') === true;
    return plan(context, application, { ...input, identity }, isUnrecorded ? { defaults: decided } : {});
  });
}

/** @param also what else must be in history before the driver is created */
async function plan(
  context: SubmissionContext,
  application: SparkApplication,
  input: SubmitInput,
  also: AttemptPlan = {},
): Promise<PlannedAttempt> {
  const { submitters, clusters, placement, tenancy, companions, timings } = context;
  const { identity, admitted = false } = input;
  const chosen = submitters.choose(application);
  const asked = attemptSubmission(application, identity, companions);
  const among = tenancy && allowedClusters(tenancy, application);
  const cluster = input.cluster ?? (clusters && (await chooseCluster(clusters, application, input, timings, among)));
  const kubernetes = await context.cluster(cluster);
  const allowance = tenancy && (await allowanceOf(tenancy, application, kubernetes));
  const placed = await placeAttempt(kubernetes, placement, application, asked, identity, timings);
  const request = deepFreeze({ submission: placed.submission, identity });
  const choice = chooseSubmitter(submitters, application, chosen, request, allowance);
  const { driverPool, executorPool } = placed.decision;
  allowance?.check({
    ...{ cluster, submitter: chosen.name, pools: [driverPool, executorPool] },
    serviceAccounts: serviceAccountsOf(placed.submission),
  });
  const isLimited = placement.pools[driverPool]?.admission !== undefined;
  const admission = isLimited && !admitted ? await admissionNeeded(kubernetes, placement, placed, cluster) : undefined;
  const isChosenNow = cluster !== undefined && input.cluster === undefined;
  const unrecorded: AttemptPlan = { ...also, ...(isChosenNow ? { cluster } : {}), ...admission };
  return {
    ...{ application, kubernetes, choice, request, placement: placed.decision },
    ...present({ cluster, allowedClusters: among }),
    unrecorded: Object.keys(unrecorded).length === 0 ? undefined : unrecorded,
  };
}
