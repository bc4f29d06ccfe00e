// Writes the types of manifests, with what editors show of each field: `node scripts/manifest-types.ts`.
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import * as z from 'zod';
import * as kubernetes from '../src/manifest/kubernetes-types.ts';
import { scheduledSparkApplicationSchema } from '../src/manifest/scheduled-spark-application.ts';
import { sparkApplicationSchema } from '../src/manifest/spark-application.ts';
import { inferredSpec } from '../src/manifest/spark-application-spec.ts';
import { findFormat } from '../src/validation/formats.ts';

/** A schema as zod keeps it; which of these there are follows from `type`. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly out?: z.core.$ZodType;
  readonly shape?: Shape;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly format?: string;
}
type Shape = Readonly<Record<string, z.core.$ZodType>>;

/** What zod keeps of a schema; of one that is prepared before it is checked, what it is checked against. */
const definition = (schema: z.core.$ZodType): Definition => {
  const { def } = schema._zod as { def: Definition };
  const isPrepared = def.type === 'pipe' && (def.in!._zod.def as Definition).type === 'transform';
  return isPrepared ? definition(def.out!) : def;
};
/** The shape of an object, whatever it is wrapped in. */
const shapeOf = (schema: z.core.$ZodType): Shape => {
  const { shape, in: input } = definition(schema);
  return shape ?? shapeOf(input!);
};

const { driver, executor } = inferredSpec.shape;
const application = shapeOf(sparkApplicationSchema);
const shared = Object.keys(driver.shape).filter(
  (field) => (driver.shape as Shape)[field] === (executor.shape as Shape)[field],
);

const heading = `// Written by scripts/manifest-types.ts.
import type { Container, EnvVar, PodTemplate, Volume, VolumeMount } from '../kubernetes/objects.ts';
import type {
  Affinity, EnvFromSource, HostAlias, Lifecycle, PodDnsConfig, PodSecurityContext, SecurityContext, Toleration,
} from './kubernetes-types.ts';
`;

/** Types with a name of their own, by what zod keeps of their schemas. */
const named = new Map<unknown, string>([
  ...Object.entries(kubernetes).map(([name, schema]): [unknown, string] => [
    schema._zod.def,
    name[0]!.toUpperCase() + name.slice(1),
  ]),
  [definition(application['metadata']!), 'ManifestMetadata'],
  [inferredSpec._zod.def, 'SparkApplicationManifestSpec<Quantity>'],
  [driver._zod.def, 'SparkDriverManifest<Quantity>'],
  [executor._zod.def, 'SparkExecutorManifest<Quantity>'],
]);

/** The content of src/manifest/manifest-types.ts. */
export async function manifestTypes(): Promise<string> {
  const own = (schema: z.core.$ZodType) =>
    Object.fromEntries(Object.entries(shapeOf(schema)).filter(([field]) => !shared.includes(field)));
  const both = Object.fromEntries(shared.map((field) => [field, (driver.shape as Shape)[field]!]));
  const quantity = '<Quantity = string | number>';
  const interfaces = [
    ['SparkApplicationManifest', application, 'An application as a person writes it.'],
    [
      'ScheduledSparkApplicationManifest',
      shapeOf(scheduledSparkApplicationSchema),
      'A schedule of an application, as a person writes it.',
    ],
    [
      'ManifestMetadata',
      shapeOf(application['metadata']!),
      '`metadata` of a manifest: `name` or `generateName` is there.',
    ],
    [
      `SparkApplicationManifestSpec${quantity}`,
      inferredSpec.shape,
      '`spec` of an application. In a checked one a `Quantity` is a string.',
    ],
    [`SparkPodManifest${quantity}`, both, 'Fields that the driver and the executors share.'],
    [`SparkDriverManifest${quantity} extends SparkPodManifest<Quantity>`, own(driver), 'The driver.'],
    [`SparkExecutorManifest${quantity} extends SparkPodManifest<Quantity>`, own(executor), 'The executors.'],
  ] as const;
  const text = interfaces.map(
    ([name, shape, about]) => `/** ${about} */\nexport interface ${name} ${members(shape, name.includes('Quantity'))}`,
  );
  const options = await resolveConfig(new URL('../src/manifest/manifest-types.ts', import.meta.url).pathname);
  return format([heading, ...text].join('\n\n'), { ...options, parser: 'typescript' });
}

function members(shape: Shape, generic: boolean): string {
  const lines = Object.entries(shape).map(([name, schema]) => {
    const optional = definition(schema).type === 'optional';
    return `${commentOf(schema)}${name}${optional ? '?' : ''}: ${typeOf(schema, generic)};`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

function commentOf(schema: z.core.$ZodType): string {
  const description = z.globalRegistry.get(schema)?.description;
  const { innerType, format: name } = definition(schema);
  const grammar = findFormat(name ?? (innerType && definition(innerType).format) ?? '');
  const sentences = [description, grammar && `Allowed: ${grammar.allowed}.`].filter(Boolean).join(' ');
  return sentences === '' ? '' : `/** ${sentences.replace('Deprecated: ', '@deprecated ')} */\n`;
}

/** What a person writes for it. */
function typeOf(schema: z.core.$ZodType, generic: boolean): string {
  const about = definition(schema);
  const name = named.get(about);
  if (name !== undefined) return generic ? name : name.replace('<Quantity>', '');
  switch (about.type) {
    case 'optional':
      return typeOf(about.innerType!, generic);
    case 'object':
      return members(about.shape!, generic);
    case 'array':
      return `(${typeOf(about.element!, generic)})[]`;
    case 'record':
      return `Record<string, ${typeOf(about.valueType!, generic)}>`;
    case 'literal':
      return about.values!.map((value) => JSON.stringify(value)).join(' | ');
    case 'enum':
      return Object.values(about.entries!)
        .map((value) => JSON.stringify(value))
        .join(' | ');
    case 'pipe':
      // The only values that are not kept as they are written.
      return generic ? 'Quantity' : 'string | number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'unknown':
      return about.type;
    default:
      throw new TypeError(`no type is known for a schema of ${about.type}`);
  }
}

export const manifestTypesFile: URL = new URL('../src/manifest/manifest-types.ts', import.meta.url);

if (import.meta.main) await writeFile(manifestTypesFile, await manifestTypes());
