import type { KubernetesObject, Pod } from '../../kubernetes/objects.ts';
import { normalise, type NormalObjects } from './normalise.ts';

/** Begin of the names that Spark generates: the application's, and what its clock and chance gave. */
const SPARK_GENERATED = /^(?!spark-drv-)(.+-[0-9a-f]{14,18})-[a-z0-9-]+$/;

/**
 * What one submission made, ready to be compared with what another made of it; who owns what is left out. Of an object
 * that was sent twice the later counts. Undefined where there is no pod.
 *
 * @param prefix what the generated names start with. @default as Spark generated it
 */
export function madeObjects(objects: readonly KubernetesObject[], prefix?: string): NormalObjects | undefined {
  const pod = objects.findLast(({ kind }) => kind === 'Pod') as Pod | undefined;
  if (pod === undefined) return undefined;
  const others = objects.filter(({ kind }) => kind !== 'Pod').map(ownerless);
  return normalise(ownerless(pod), others, prefix ?? generatedPrefix(others, pod));
}

function ownerless<T extends KubernetesObject>({ metadata = {}, ...rest }: T): T {
  const { ownerReferences: _, ...kept } = metadata;
  return { ...rest, metadata: kept } as T;
}

/** A Service may be named otherwise: its names are shorter. */
function generatedPrefix(others: readonly KubernetesObject[], pod: Pod): string {
  const byService = others.toSorted((a, b) => Number(a.kind === 'Service') - Number(b.kind === 'Service'));
  const [prefix] = byService.flatMap(({ metadata }) => SPARK_GENERATED.exec(metadata?.name ?? '')?.[1] ?? []);
  return prefix ?? pod.metadata?.name?.replace(/-driver$/, '') ?? '';
}
