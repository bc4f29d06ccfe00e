import type { Client } from '@temporalio/client';
import type { SubmissionIdentity } from '../../spark/index.ts';
import { Annotation } from '../../spark/metadata.ts';
import { namespaceId } from '../namespace-id.ts';

/**
 * With the ID of Temporal's namespace, which distinguishes its drivers from those of another Temporal server; without one
 * only where the server gives none.
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
