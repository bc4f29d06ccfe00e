import { ApplicationAnnotation } from '../manifest/annotations.ts';
import type { PlacementSummary } from '../protocol/application.ts';
import type { SparkSubmission } from '../spark/submission.ts';
import type { Role } from './constraints.ts';
import { EXCEPTIONS, type Exception } from './exceptions.ts';
import type { NodeFacts } from './node-facts.ts';
import { placedTemplate, withAnnotations } from './placed-template.ts';
import type { Placement } from './placement.ts';
import { checkException, profileOf, refuseWithoutCompute } from './refuse.ts';
import type { ZonePolicy } from './schema.ts';

/** Annotation of a driver pod: the decision, as JSON. */
export const PLACEMENT_ANNOTATION = 'temporal-spark/placement';

export interface PlaceOptions {
  readonly placement: Placement;
  /** The profile that the application requests. @default the configuration's default profile */
  readonly profile?: string;
  /** The nodes of the cluster; absent where they cannot be read. */
  readonly nodes?: readonly NodeFacts[];
  /** Labels that all pods of the attempt have, and no other pod has. */
  readonly attemptLabels: Readonly<Record<string, string>>;
}

/**
 * Restricts a submission to the nodes its profile allows: adds required node affinity to the profile's pools and away
 * from the control plane, the pools' tolerations, and the profile's other settings to what the submission requests.
 *
 * @throws PlacementRefused where the two contradict each other, or Spark would run on the control plane
 */
export function place(
  submission: SparkSubmission,
  { placement, profile: asked, nodes, attemptLabels }: PlaceOptions,
): { readonly submission: SparkSubmission; readonly decision: PlacementSummary } {
  const name = asked ?? placement.defaultProfile;
  const profile = profileOf(placement, name);
  const exception = profile.exception === undefined ? undefined : EXCEPTIONS[profile.exception];
  if (exception === undefined) refuseWithoutCompute(placement, profile, nodes);
  else checkException(name, exception, nodes);
  const decision: PlacementSummary = {
    profile: name,
    driverPool: profile.driver,
    executorPool: profile.executor,
    reason: reasonOf(placement, name, asked !== undefined, exception),
  };
  const template = (role: Role) =>
    placedTemplate(submission, role, { placement, profile, exception, nodes, attemptLabels });
  return {
    submission: {
      ...submission,
      driverPodTemplate: withAnnotations(template('driver'), { [PLACEMENT_ANNOTATION]: JSON.stringify(decision) }),
      executorPodTemplate: template('executor'),
    },
    decision,
  };
}

function reasonOf(placement: Placement, name: string, asked: boolean, exception: Exception | undefined): string {
  const source = asked ? `annotation ${ApplicationAnnotation.PlacementProfile}` : 'default profile';
  if (exception !== undefined) return `${source}: an exception, for ${exception.purpose}`;
  const { driver, executor, zones } = placement.profiles[name]!;
  const pools = driver === executor ? `pool ${driver}` : `drivers on pool ${driver}, executors on pool ${executor}`;
  return `${source}: ${pools}${zoneText(zones)}, away from the control plane`;
}

function zoneText(zones: ZonePolicy): string {
  switch (zones) {
    case 'any':
      return '';
    case 'same':
      return ', executors near the driver';
    case 'spread':
      return ', executors spread over zones';
    default:
      return `, in zone ${zones.join(' or ')}`;
  }
}
