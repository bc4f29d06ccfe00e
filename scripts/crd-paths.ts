// Rewrites test/unit/manifest/*.paths.json, the property paths and types of the operator's CRDs, from its three CRD files:
// `node scripts/crd-paths.ts sparkapplications.yaml scheduledsparkapplications.yaml sparkconnects.yaml`.
import { readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { parse } from 'yaml';

/** How a CRD defines one property. Paths: `spec.volumes[].name`, `spec.sparkConf.*`. */
export interface PropertyFacts {
  type: string;
  required?: true;
  nullable?: true;
  /** Anything may stand below. */
  open?: true;
  enum?: string[];
  minimum?: number;
  maximum?: number;
}

export type PropertyPaths = Record<string, PropertyFacts>;

/** Paths by kind. Under `spec.template` a schedule has what an application has under `spec`. */
export type CrdPaths = Record<'SparkApplication' | 'ScheduledSparkApplication' | 'SparkConnect', PropertyPaths>;

interface OpenApiSchema {
  type?: string;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  properties?: Record<string, OpenApiSchema>;
  required?: string[];
  items?: OpenApiSchema;
  additionalProperties?: OpenApiSchema | boolean;
  nullable?: boolean;
  enum?: string[];
  minimum?: number;
  maximum?: number;
}

interface Crd {
  spec: { versions: { schema: { openAPIV3Schema: OpenApiSchema } }[] };
}

async function pathsOf(file: string): Promise<PropertyPaths> {
  const crd = parse(await readFile(file, 'utf8')) as Crd;
  const schema = crd.spec.versions[0]?.schema.openAPIV3Schema;
  if (!schema) throw new Error(`${file} is not a CustomResourceDefinition`);
  const paths: PropertyPaths = {};
  collectPaths(schema, '', false, paths);
  return paths;
}

/** Adds the properties of a schema to those found so far. */
export function collectPaths(schema: OpenApiSchema, path: string, required: boolean, into: PropertyPaths): void {
  if (path !== '') {
    into[path] = {
      type: schema['x-kubernetes-int-or-string'] ? 'int-or-string' : (schema.type ?? 'any'),
      ...(required && { required }),
      ...(schema.nullable && { nullable: true }),
      ...(isOpen(schema) && { open: true }),
      ...(schema.enum && { enum: schema.enum }),
      ...(schema.minimum !== undefined && { minimum: schema.minimum }),
      ...(schema.maximum !== undefined && { maximum: schema.maximum }),
    };
  }
  const prefix = path === '' ? '' : `${path}.`;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    collectPaths(property, `${prefix}${name}`, schema.required?.includes(name) ?? false, into);
  }
  if (schema.items) collectPaths(schema.items, `${path}[]`, false, into);
  if (typeof schema.additionalProperties === 'object') {
    collectPaths(schema.additionalProperties, `${prefix}*`, false, into);
  }
}

function isOpen(schema: OpenApiSchema): boolean {
  const closed = schema.properties ?? schema.additionalProperties;
  return schema['x-kubernetes-preserve-unknown-fields'] ?? (schema.type === 'object' && closed === undefined);
}

const [applicationFile, scheduledFile, connectFile] = process.argv.slice(2);
if (import.meta.main) {
  if (!applicationFile || !scheduledFile || !connectFile) throw new Error('give the three CRD files');
  const application = await pathsOf(applicationFile);
  const scheduled = await pathsOf(scheduledFile);
  for (const [path, facts] of Object.entries(application)) {
    const inTemplate = path.replace(/^spec\./, 'spec.template.');
    if (!path.startsWith('spec.')) continue;
    if (JSON.stringify(scheduled[inTemplate]) !== JSON.stringify(facts)) throw new Error(`${inTemplate} differs`);
    delete scheduled[inTemplate];
  }
  await write('sparkapplication-v1beta2', { SparkApplication: application, ScheduledSparkApplication: scheduled });
  await write('sparkconnect-v1alpha1', { SparkConnect: await pathsOf(connectFile) });
}

async function write(name: string, paths: Partial<CrdPaths>): Promise<void> {
  const target = new URL(`../test/unit/manifest/${name}.paths.json`, import.meta.url);
  await writeFile(target, await format(JSON.stringify(paths), { parser: 'json', printWidth: 120 }));
}
