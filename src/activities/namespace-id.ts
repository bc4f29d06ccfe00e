import { isGrpcServiceError, type Client } from '@temporalio/client';

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
