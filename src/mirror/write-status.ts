import {
  isKubernetesError,
  KubernetesErrorType,
  PatchType,
  Resources,
  type CallOptions,
  type KubernetesClient,
} from '../kubernetes/index.ts';
import type { MirroredStatus } from '../protocol/index.ts';
import { asRecord, type UnknownRecord } from '../validation/unknown-data.ts';
import { operatorState, operatorStatus, type OperatorStatus } from './operator-status.ts';
import { isNewer } from './order.ts';

/** What became of a status. */
export const StatusWrite = {
  Written: 'written',
  /** The resource has it already, or a newer one. */
  Outdated: 'outdated',
  /** The resource does not exist, or another has its name. */
  Gone: 'gone',
} as const;
export type StatusWrite = (typeof StatusWrite)[keyof typeof StatusWrite];

/** How often a write that others overtake is begun again. */
const TRIES = 5;

/**
 * Writes the status of a resource: with one conditional patch where the resource still has what was handed out to be
 * written before, else after a comparison with what it has. Repeating it is harmless.
 *
 * @throws KubernetesError
 */
export async function writeStatus(
  kubernetes: KubernetesClient,
  mirror: MirroredStatus,
  options: CallOptions = {},
): Promise<StatusWrite> {
  const { namespace, name, uid, since } = mirror;
  const wanted = operatorStatus(mirror);
  const patch = async (operations: readonly object[]): Promise<StatusWrite | undefined> => {
    try {
      const resource = Resources.sparkApplicationStatuses;
      await kubernetes.patch(resource, namespace, name, PatchType.Json, operations, options);
      return StatusWrite.Written;
    } catch (error) {
      if (isKubernetesError(error, KubernetesErrorType.NotFound)) return StatusWrite.Gone;
      const { Invalid, Conflict } = KubernetesErrorType;
      if (isKubernetesError(error, Invalid) || isKubernetesError(error, Conflict)) return undefined;
      throw error;
    }
  };
  const written = await patch([
    { op: 'test', path: '/metadata/uid', value: uid },
    ...expected(mirror),
    ...content(wanted, mirror),
  ]);
  if (written !== undefined) return written;
  for (let tries = 1; ; tries += 1) {
    const found = await kubernetes.get(Resources.sparkApplications, namespace, name, options);
    if (found?.metadata?.uid !== uid) return StatusWrite.Gone;
    if (!isNewer(wanted, found.status, since)) return StatusWrite.Outdated;
    const again = await patch([
      { op: 'test', path: '/metadata/resourceVersion', value: found.metadata.resourceVersion },
      { op: 'add', path: '/status', value: merged(wanted, asRecord(found.status)) },
    ]);
    if (again !== undefined) return again;
    if (tries === TRIES) return StatusWrite.Outdated;
  }
}

/** With what else the resource has of the same attempt. */
function merged(wanted: OperatorStatus, found: UnknownRecord): object {
  if (wanted.submissionID === undefined || found['submissionID'] !== wanted.submissionID) return wanted;
  return { ...found, ...wanted, driverInfo: { ...asRecord(found['driverInfo']), ...wanted.driverInfo } };
}

/** The resource has what was handed out to be written before. */
function expected({ after }: MirroredStatus): readonly object[] {
  if (after === undefined) return [{ op: 'test', path: '/status', value: null }];
  const { state, submissionId } = after;
  return [
    { op: 'test', path: '/status/applicationState/state', value: operatorState(state) },
    ...(submissionId === undefined ? [] : [{ op: 'test', path: '/status/submissionID', value: submissionId }]),
  ];
}

/** Fields one by one where the attempt is the same, so that what others know of it stays; else the whole. */
function content(wanted: OperatorStatus, { after }: MirroredStatus): readonly object[] {
  if (after?.submissionId === undefined || after.submissionId !== wanted.submissionID) {
    return [{ op: 'add', path: '/status', value: wanted }];
  }
  return Object.entries<unknown>({ ...wanted }).map(([field, value]) => ({
    op: 'add',
    path: `/status/${field}`,
    value,
  }));
}
