import type { KubernetesObject, Pod } from '../../kubernetes/objects.ts';
import { normalise, type NormalObjects } from './normalise.ts';

/** Start of the names that Spark generates: that of the application, a timestamp and random characters. */
const SPARK_GENERATED = /^(?!spark-drv-)(.+-[0-9a-f]{14,18})-[a-z0-9-]+$/;

/**
 * The objects that one submission created, normalised for a comparison with those of another; without owners. Of an
 * object that was sent twice the later one counts. Undefined without a pod.
 *
 * @param prefix what the generated names start with. @default as Spark generated it
 */
export function normaliseCreated(objects: readonly KubernetesObject[], prefix?: string): NormalObjects | undefined {
  const pod = objects.findLast(({ kind }) => kind === 'Pod') as Pod | undefined;
  if (pod === undefined) return undefined;
  const others = objects.filter(({ kind }) => kind !== 'Pod').map(ownerless);
  return normalise(ownerless(pod), others, prefix ?? generatedPrefix(others, pod));
}

function ownerless<T extends KubernetesObject>({ metadata = {}, ...rest }: T): T {
  const { ownerReferences: _, ...kept } = metadata;
  return { ...rest, metadata: kept } as T;
}

/** A Service may have another name: its names are shorter. */
function generatedPrefix(others: readonly KubernetesObject[], pod: Pod): string {
  const byService = others.toSorted((a, b) => Number(a.kind === 'Service') - Number(b.kind === 'Service'));
  const [prefix] = byService.flatMap(({ metadata }) => SPARK_GENERATED.exec(metadata?.name ?? '')?.[1] ?? []);
  return prefix ?? pod.metadata?.name?.replace(/-driver$/, '') ?? '';
}
