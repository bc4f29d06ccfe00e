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
  const { fields, required } = fieldsOf(type);
  const inside = Object.entries(value).flatMap(([field, inner]) => {
    const known = fields.get(field);
    if (known !== undefined) return inValue(inner, known, [...at, field]);
    if (type === TEMPLATE && OF_ANY_OBJECT.includes(field)) return [];
    const remedy = remedyFor(field, type, fields);
    if (remedy === undefined && type !== TEMPLATE) return [];
    const unknown = { path: [...at, field], code: 'unknown_field', message: `is not a known field` };
    return [{ ...unknown, ...(remedy !== undefined && { remedy }) }];
  });
  const missing = required.filter((field) => value[field] === undefined && !isMadeBySpark(type, field, at));
  return [
    ...inside,
    ...missing.map((field) => ({
      ...{ path: [...at, field], code: 'required', message: 'is required' },
      allowed: typeName(expectedOf(fields.get(field)!)),
    })),
  ];
}

/** Spark adds its own container where a template has none, and names it where the template does not. */
const isMadeBySpark = (type: string, field: string, at: ProblemPath): boolean =>
  type === 'PodSpec' || (type === 'Container' && field === 'name' && at.at(-2) === 'containers');

function remedyFor(field: string, type: string, fields: Type['fields']): string | undefined {
  if (type === TEMPLATE && fieldsOf('PodSpec').fields.has(field)) return 'it is a field of spec';
  const other = Object.hasOwn(confusable, type) ? confusable[type]! : undefined;
  if (other !== undefined && fieldsOf(other.type).fields.has(field)) return `it is a field of ${other.home}`;
  return didYouMean(field, [...fields.keys()]);
}

/** Types whose fields are written into each other, and where the others belong. */
const confusable: Readonly<Record<string, { readonly type: string; readonly home: string }>> = {
  SecurityContext: { type: 'PodSecurityContext', home: 'podSecurityContext (in a template: of spec.securityContext)' },
  PodSecurityContext: { type: 'SecurityContext', home: "securityContext (in a template: of the container's)" },
  Container: { type: 'PodSpec', home: 'the pod (in a template: of spec)' },
};

interface Type {
  /** The type of each field. */
  readonly fields: ReadonlyMap<string, string>;
  readonly required: readonly string[];
}

const known = new Map<string, Type>();

function fieldsOf(type: string): Type {
  const found = known.get(type);
  if (found !== undefined) return found;
  const fields = kubernetesFields[type]!.split(' ').map((field): [string, string] => {
    const [name = '', type = 'string'] = field.split(':');
    return [name, type];
  });
  const read: Type = {
    fields: new Map(fields.map(([name, type]) => [name.replace('!', ''), type])),
    required: fields.flatMap(([name]) => (name.endsWith('!') ? [name.slice(0, -1)] : [])),
  };
  known.set(type, read);
  return read;
}
