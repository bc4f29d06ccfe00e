import { childOf, type CrdNode } from './crd.ts';

/** Valid values of properties that have a grammar in addition to the type. */
const samples: Readonly<Record<string, unknown>> = {
  apiVersion: 'sparkoperator.k8s.io/v1beta2',
  metadata: { name: 'spark-pi' },
  sparkVersion: '4.1.4',
  mode: 'cluster',
  memory: '1g',
  memoryOverhead: '1g',
  memoryLimit: '2Gi',
  memoryOverheadFactor: '0.1',
  coreLimit: '1',
  coreRequest: '1',
  imagePullPolicy: 'Always',
  secretType: 'Generic',
  serviceType: 'ClusterIP',
  protocol: 'TCP',
  schedule: '0 3 * * *',
  timeZone: 'UTC',
  concurrencyPolicy: 'Allow',
  maxExecutors: 2,
  minExecutors: 2,
};

// The CRD leaves it to the operator's validating webhook to ask for this one.
const REQUIRED_BY_WEBHOOK = 'ingressURLFormat';

function sampleOf(node: CrdNode, name: string): unknown {
  const { type, enum: choices, minimum } = node.facts;
  // Kubernetes' own types use some of the names for other things.
  if (Object.hasOwn(samples, name) && typeof samples[name] === (type === 'integer' ? 'number' : type))
    return samples[name];
  switch (type) {
    case 'object':
      return Object.fromEntries(
        [...node.properties]
          .filter(([key, { facts }]) => facts.required || key === REQUIRED_BY_WEBHOOK)
          .map(([key, child]) => [key, sampleOf(child, key)]),
      );
    case 'array':
      return [];
    case 'boolean':
      return true;
    case 'integer':
      return minimum ?? 1;
    default:
      return choices?.[0] ?? '1';
  }
}

/** The value with a right value at the path, and what is required there. */
export function withSample(value: unknown, node: CrdNode, [step, ...rest]: string[], name = ''): unknown {
  if (step === undefined) return value ?? sampleOf(node, name);
  const child = childOf(node, step);
  if (step === '[]') return [withSample(undefined, child, rest, name)];
  const key = step === '*' ? 'spark.KEY' : step;
  const parent = (value ?? sampleOf(node, name)) as Record<string, unknown>;
  return { ...parent, [key]: withSample(parent[key], child, rest, key) };
}
