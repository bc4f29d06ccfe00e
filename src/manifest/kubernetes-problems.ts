import { didYouMean } from '../validation/closest.ts';
import { formats } from '../validation/formats.ts';
import { kubernetesFields } from './kubernetes-fields.ts';
import type { ProblemPath, Violation } from '../validation/problem.ts';
import { isScalar } from '../validation/problems.ts';
import { asRecord, isRecord, type UnknownRecord } from '../validation/unknown-data.ts';
import { describe, typeName } from '../validation/wrong-type.ts';

const TEMPLATE = 'PodTemplateSpec';

/** Fields of a role, and of the whole application, whose types are Kubernetes' own. */
const ofRole: Readonly<Record<string, string>> = {
  template: TEMPLATE,
  env: '[EnvVar]',
  envFrom: '[EnvFromSource]',
  volumeMounts: '[VolumeMount]',
  affinity: 'Affinity',
  tolerations: '[Toleration]',
  podSecurityContext: 'PodSecurityContext',
  securityContext: 'SecurityContext',
  sidecars: '[Container]',
  initContainers: '[Container]',
  lifecycle: 'Lifecycle',
  hostAliases: '[HostAlias]',
  dnsConfig: 'PodDNSConfig',
};
const ofApplication: Readonly<Record<string, string>> = { volumes: '[Volume]' };

/** The CRD has no schema for templates: these are allowed in one, as in any object, and have no effect. */
const OF_ANY_OBJECT = ['apiVersion', 'kind'];

/**
 * Problems inside Kubernetes' own types: fields that are unknown, missing or of another type. The API server would
 * reject them, but too late: after the submission, and for executors when the application runs. A field that resembles
 * no known one may be of a newer Kubernetes, and is left to the API server, as are the values.
 */
export function findKubernetesProblems(spec: UnknownRecord): Violation[] {
  return [
    ...inFields(spec, ofApplication, []),
    ...['driver', 'executor'].flatMap((role) => inFields(asRecord(spec[role]), ofRole, [role])),
  ];
}

const inFields = (record: UnknownRecord, types: Readonly<Record<string, string>>, at: ProblemPath): Violation[] =>
  Object.entries(types).flatMap(([field, type]) =>
    record[field] === undefined ? [] : inValue(record[field], type, [...at, field]),
  );

function inValue(value: unknown, type: string, at: ProblemPath): Violation[] {
  const refused = (): Violation[] => {
    const expected = expectedOf(type);
    return [{ path: at, code: 'wrong_type', message: `must be ${typeName(expected)}`, expected }];
  };
  if (type.startsWith('[')) {
    if (!Array.isArray(value)) return refused();
    return value.flatMap((item: unknown, index) => inValue(item, type.slice(1, -1), [...at, index]));
  }
  if (type.startsWith('{')) {
    if (!isRecord(value)) return refused();
    return Object.entries(value).flatMap(([key, item]) => inValue(item, type.slice(1, -1), [...at, key]));
  }
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type ? [] : refused();
    case 'int32':
    case 'int64':
      return isInteger(value, type) ? [] : refused();
    case 'intOrString':
      return typeof value === 'string' || isInteger(value, 'int32') ? [] : refused();
    case 'quantity':
      return inQuantity(value, at);
    case 'any':
      return [];
    default:
      return isRecord(value) ? inObject(value, type, at) : refused();
  }
}

/** The type as messages show it. */
function expectedOf(type: string): string {
  if (type.startsWith('[')) return 'array';
  if (type.startsWith('int')) return type === 'intOrString' ? type : 'int';
  return type === 'string' || type === 'boolean' ? type : 'object';
}

const INT32 = 2 ** 31;
const isInteger = (value: unknown, type: 'int32' | 'int64'): boolean =>
  Number.isSafeInteger(value) && (type === 'int64' || Math.abs(value as number) < INT32);

function inQuantity(value: unknown, path: ProblemPath): Violation[] {
  const { pattern, allowed } = formats.quantity;
  if (isScalar(value) && typeof value !== 'boolean' && pattern.test(String(value))) return [];
  return [{ path, code: 'invalid_format', message: `must not be ${describe({ value })}`, allowed }];
}

function inObject(value: UnknownRecord, type: string, at: ProblemPath): Violation[] {
  const fields = fieldsOf(type);
  const inside = Object.entries(value).flatMap(([field, inner]) => {
    const known = fields.get(field);
    if (known !== undefined) return inValue(inner, known.type, [...at, field]);
    if (type === TEMPLATE && OF_ANY_OBJECT.includes(field)) return [];
    const remedy = remedyFor(field, type, fields);
    if (remedy === undefined && type !== TEMPLATE) return [];
    const unknown = { path: [...at, field], code: 'unknown_field', message: `is not a known field` };
    return [{ ...unknown, ...(remedy !== undefined && { remedy }) }];
  });
  const missing = [...fields].filter(
    ([field, { required }]) => required && value[field] === undefined && !isMadeBySpark(type, field, at),
  );
  return [
    ...inside,
    ...missing.map(([field, { type }]) => ({
      ...{ path: [...at, field], code: 'required', message: 'is required' },
      allowed: typeName(expectedOf(type)),
    })),
  ];
}

/** Spark adds its own container where a template has none, and names it where the template does not. */
const isMadeBySpark = (type: string, field: string, at: ProblemPath): boolean =>
  type === 'PodSpec' || (type === 'Container' && field === 'name' && at.at(-2) === 'containers');

function remedyFor(field: string, type: string, fields: ReadonlyMap<string, Field>): string | undefined {
  if (type === TEMPLATE && fieldsOf('PodSpec').has(field)) return 'it is a field of spec';
  const other = Object.hasOwn(confusable, type) ? confusable[type]! : undefined;
  if (other !== undefined && fieldsOf(other.type).has(field)) return `it is a field of ${other.home}`;
  return didYouMean(field, [...fields.keys()]);
}

/** Types whose fields are written into each other, and where the others belong. */
const confusable: Readonly<Record<string, { readonly type: string; readonly home: string }>> = {
  SecurityContext: { type: 'PodSecurityContext', home: 'podSecurityContext (in a template: of spec.securityContext)' },
  PodSecurityContext: { type: 'SecurityContext', home: "securityContext (in a template: of the container's)" },
  Container: { type: 'PodSpec', home: 'the pod (in a template: of spec)' },
};

interface Field {
  readonly type: string;
  readonly required: boolean;
}

const known = new Map<string, ReadonlyMap<string, Field>>();

function fieldsOf(type: string): ReadonlyMap<string, Field> {
  const found = known.get(type);
  if (found !== undefined) return found;
  const fields = new Map(
    kubernetesFields[type]!.split(' ').map((field): [string, Field] => {
      const [name = '', type = 'string'] = field.split(':');
      return [name.replace('!', ''), { type, required: name.endsWith('!') }];
    }),
  );
  known.set(type, fields);
  return fields;
}
