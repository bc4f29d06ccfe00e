// Writes the CustomResourceDefinitions of the chart, deploy/helm/temporal-spark/crds/: `node scripts/crds.ts`. Structure:
// the operator's, as test/unit/manifest/sparkapplication-v1beta2.paths.json has it. Descriptions: ours.
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';
import { crdPaths, crdTree, type CrdNode } from '../test/unit/manifest/crd.ts';
import type { CrdPaths } from './crd-paths.ts';
import { applicationSchema } from './json-schema.ts';
import { statusDescriptions } from './status-descriptions.ts';

type Kind = keyof CrdPaths;

const style = await resolveConfig(new URL('../deploy/helm/temporal-spark/values.yaml', import.meta.url).pathname);

/** An OpenAPI schema of a CRD, or a part of a JSON Schema of ours. */
interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const names: Readonly<Record<Kind, { readonly singular: string; readonly short: string }>> = {
  SparkApplication: { singular: 'sparkapplication', short: 'sparkapp' },
  ScheduledSparkApplication: { singular: 'scheduledsparkapplication', short: 'scheduledsparkapp' },
};

const column = (name: string, type: string, jsonPath: string): object => ({ jsonPath, name, type });
const age = column('Age', 'date', '.metadata.creationTimestamp');

/** What `kubectl get` shows: the operator's columns. */
const printerColumns: Readonly<Record<Kind, readonly object[]>> = {
  SparkApplication: [
    column('Suspend', 'boolean', '.spec.suspend'),
    column('Status', 'string', '.status.applicationState.state'),
    column('Attempts', 'string', '.status.executionAttempts'),
    column('Start', 'string', '.status.lastSubmissionAttemptTime'),
    column('Finish', 'string', '.status.terminationTime'),
    age,
  ],
  ScheduledSparkApplication: [
    column('Schedule', 'string', '.spec.schedule'),
    column('TimeZone', 'string', '.spec.timeZone'),
    column('Suspend', 'boolean', '.spec.suspend'),
    column('Last Run', 'date', '.status.lastRun'),
    column('Last Run Name', 'string', '.status.lastRunName'),
    age,
  ],
};

/** Texts of fields that the manifests of users do not have. */
const topLevel: Readonly<Record<string, string>> = {
  apiVersion: 'Version of the schema of this object.',
  kind: 'Kind of this object.',
  spec: 'What is wanted.',
  status: 'What is: a copy of what the Temporal workflow of the object has recorded.',
};

/** Times, which are texts in a CRD. */
const isTime = (path: string): boolean =>
  /^status\.(last(Run|SubmissionAttemptTime)|nextRun|terminationTime)$/.test(path);

function customResourceDefinition(kind: Kind): object {
  const { singular, short } = names[kind];
  const group = 'sparkoperator.k8s.io';
  const { definitions } = applicationSchema() as { definitions: Readonly<Record<string, Schema>> };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${singular}s.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubeflow/spark-operator/pull/1298' },
    },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, shortNames: [short], singular },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1beta2',
          served: true,
          storage: true,
          additionalPrinterColumns: printerColumns[kind],
          schema: {
            openAPIV3Schema: {
              description: `A ${kind} runs Apache Spark as a durable Temporal workflow.`,
              ...schemaOf(crdTree(crdPaths[kind]), '', (path) => descriptionOf(definitions, kind, path)),
            },
          },
          subresources: { status: {} },
        },
      ],
    },
  };
}

function schemaOf({ facts, properties, items, values }: CrdNode, path: string, describe: Describe): object {
  const below = (step: string): string => (path === '' ? step : step === '[]' ? `${path}[]` : `${path}.${step}`);
  const required = [...properties].filter(([, node]) => node.facts.required).map(([name]) => name);
  const description = describe(path);
  return {
    ...(description === undefined ? {} : { description }),
    ...(facts.type === 'int-or-string'
      ? { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true }
      : { type: facts.type }),
    ...(isTime(path) ? { format: 'date-time' } : {}),
    ...(facts.nullable ? { nullable: true } : {}),
    ...(facts.enum ? { enum: facts.enum } : {}),
    ...(facts.minimum === undefined ? {} : { minimum: facts.minimum }),
    ...(facts.maximum === undefined ? {} : { maximum: facts.maximum }),
    // That of an object's metadata is the API server's own.
    ...(facts.open && path !== 'metadata' ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(required.length === 0 ? {} : { required }),
    ...(properties.size === 0
      ? {}
      : {
          properties: Object.fromEntries(
            [...properties].map(([name, node]) => [name, schemaOf(node, below(name), describe)]),
          ),
        }),
    ...(items === undefined ? {} : { items: schemaOf(items, below('[]'), describe) }),
    ...(values === undefined ? {} : { additionalProperties: schemaOf(values, below('*'), describe) }),
  };
}

type Describe = (path: string) => string | undefined;

/** Of a field of the manifests, of the status, or of the object itself. */
function descriptionOf(definitions: Readonly<Record<string, Schema>>, kind: Kind, path: string): string | undefined {
  const own = topLevel[path] ?? statusDescriptions[kind][path];
  if (own !== undefined || path === '' || !path.startsWith('spec.')) return own;
  const resolve = (schema: Schema | undefined): Schema | undefined => {
    if (schema?.$ref !== undefined) return resolve(definitions[schema.$ref.replace('#/definitions/', '')]);
    const [inherited] = schema?.allOf ?? [];
    return inherited === undefined ? schema : { ...resolve(inherited), ...schema };
  };
  const found = path.split('.').reduce<Schema | undefined>((at, step) => {
    const isItem = step.endsWith('[]');
    const property = resolve(resolve(at)?.properties?.[isItem ? step.slice(0, -2) : step]);
    return isItem ? resolve(property?.items) : property;
  }, definitions[kind]);
  return found?.description;
}

/** Files of deploy/helm/temporal-spark/crds with their content. */
export async function customResourceDefinitions(): Promise<Readonly<Record<string, string>>> {
  const files = (Object.keys(names) as Kind[]).map(async (kind) => {
    const yaml = stringify(customResourceDefinition(kind), { aliasDuplicateObjects: false });
    const text = await format(`# Written by scripts/crds.ts; do not edit.\n${yaml}`, { ...style, parser: 'yaml' });
    return [`${names[kind].singular}s.yaml`, text] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

export const crdFile = (name: string): URL => new URL(`../deploy/helm/temporal-spark/crds/${name}`, import.meta.url);

if (import.meta.main) {
  const files = Object.entries(await customResourceDefinitions());
  for (const [name, content] of files) await writeFile(crdFile(name), content);
}
