import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { SubmissionIdentity } from '../spark/index.ts';
import { Annotation } from '../spark/metadata.ts';

/** gRPC: PERMISSION_DENIED, UNIMPLEMENTED. Asking again gives the same answer. */
const NEVER: readonly number[] = [7, 12];

const known = new WeakMap<object, Promise<string | undefined>>();

/**
 * The ID of a Temporal namespace, which differs from that of the same name on another server. Asked once for each
 * connection; undefined where it may not be asked.
 *
 * @throws ServiceError where Temporal is unreachable
 */
export function namespaceId({
  connection,
  workflowService,
  options: { namespace },
}: Client): Promise<string | undefined> {
  const before = known.get(connection);
  if (before !== undefined) return before;
  const asked = workflowService.describeNamespace({ namespace }).then(
    ({ namespaceInfo }) => namespaceInfo?.id || undefined,
    (error: unknown) => {
      if (isGrpcServiceError(error) && NEVER.includes(error.code)) return undefined;
      known.delete(connection);
      throw error;
    },
  );
  known.set(connection, asked);
  return asked;
}

/**
 * The identity with the ID of Temporal's namespace, which distinguishes its drivers from those of another Temporal
 * server; without one only where the server gives none.
 *
 * @throws Error where it cannot be read now: the try is repeated
 */
export async function identified(identity: SubmissionIdentity, client: Client): Promise<SubmissionIdentity> {
  const id = await namespaceId(client).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `cannot read the ID of Temporal namespace "${client.options.namespace}": ${why}; the submission is tried again`;
    throw new Error(message, { cause });
  });
  if (id === undefined) return identity;
  return { ...identity, annotations: { ...identity.annotations, [Annotation.TemporalNamespaceId]: id } };
}
