import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { SparkApplication } from '../../manifest/index.ts';
import type { Allowance, Tenancy, TenancyOrigin } from '../../tenancy/index.ts';

/** The clusters that tenancy leaves to choose from; undefined for all. */
export function allowedClusters(tenancy: Tenancy, { metadata }: SparkApplication): readonly string[] | undefined {
  return tenancy.clustersFor(origin(), metadata.namespace);
}

/**
 * What tenancy allows an application on its cluster.
 *
 * @throws TenancyRefused, KubernetesError where the labels of its namespace are needed and cannot be read
 */
export async function allowanceOf(
  tenancy: Tenancy,
  { metadata: { namespace, name } }: SparkApplication,
  kubernetes: KubernetesClient,
): Promise<Allowance> {
  const { cancellationSignal: signal } = Context.current();
  return tenancy.allowance(origin(), { namespace, name }, async () => {
    const found = await kubernetes.get(Resources.namespaces, undefined, namespace, { signal });
    return found && (found.metadata?.labels ?? {});
  });
}

function origin(): TenancyOrigin {
  const { activityNamespace: temporalNamespace, taskQueue } = Context.current().info;
  return { temporalNamespace, taskQueue };
}
