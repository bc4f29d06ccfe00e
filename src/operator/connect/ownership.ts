import type { ObjectMeta } from '../../kubernetes/index.ts';
import { CONNECT_API_VERSION } from '../../manifest/index.ts';

/** Whose object has the name of one of a session. */
export const Ownership = {
  Own: 'own',
  /** A session of the same name that was deleted: the API server deletes it, too. */
  Previous: 'previous',
  /** It belongs to no session. */
  Other: 'other',
} as const;
export type Ownership = (typeof Ownership)[keyof typeof Ownership];

export function ownershipOf({ metadata }: { readonly metadata?: ObjectMeta }, uid: string): Ownership {
  const owners = metadata?.ownerReferences ?? [];
  const isOwn = owners.some((owner) => owner.uid === uid);
  if (isOwn) return metadata?.deletionTimestamp === undefined ? Ownership.Own : Ownership.Previous;
  return owners.some(({ kind }) => kind === 'SparkConnect') ? Ownership.Previous : Ownership.Other;
}

/** As that of the runs of schedules: neither controller nor blockOwnerDeletion. */
export const ownerOf = ({
  metadata: { name = '', uid = '' } = {},
}: {
  readonly metadata?: ObjectMeta;
}): { apiVersion: string; kind: string; name: string; uid: string } => ({
  ...{ apiVersion: CONNECT_API_VERSION, kind: 'SparkConnect', name, uid },
});
