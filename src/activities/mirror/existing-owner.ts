import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import { FailureType, type SubmitInput } from '../../protocol/index.ts';
import { Annotation } from '../../spark/metadata.ts';

/** The resource that an application belongs to was deleted: its driver is not submitted again. */
export class ResourceDeleted extends Error {
  override readonly name = FailureType.ResourceDeleted;
  readonly type: typeof FailureType.ResourceDeleted = FailureType.ResourceDeleted;
  readonly retryable = false;
}

export interface ExistingOwnerOptions {
  readonly owner: NonNullable<SubmitInput['identity']['owner']>;
  /** Whether the driver will be on the cluster of the resource: on another it would be deleted at once. */
  readonly isHome: boolean;
}

/**
 * The input, for a driver that the API server deletes with its resource. Before each further attempt the resource is
 * read: the API server deletes the drivers of a resource that is gone, and a restart policy would make them again.
 *
 * @throws ResourceDeleted, KubernetesError
 */
export async function withExistingOwner(
  home: () => Promise<KubernetesClient>,
  input: SubmitInput,
  { owner, isHome }: ExistingOwnerOptions,
): Promise<SubmitInput> {
  const { owner: _, ...identity } = input.identity;
  if (Number(identity.annotations[Annotation.Attempt]) > 1) {
    const { namespace = 'default' } = input.manifest.metadata;
    const { cancellationSignal: signal } = Context.current();
    const found = await (await home()).get(Resources.sparkApplications, namespace, owner.name, { signal });
    if (found?.metadata?.uid !== owner.uid || found.metadata.deletionTimestamp !== undefined) {
      throw new ResourceDeleted(
        `The SparkApplication ${namespace}/${owner.name} was deleted; its driver is not submitted again.`,
      );
    }
  }
  if (isHome) return input;
  const { [Annotation.ResourceUid]: _uid, ...annotations } = identity.annotations;
  return { ...input, identity: { ...identity, annotations } };
}
