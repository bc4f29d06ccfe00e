// Writes the CustomResourceDefinitions of the chart, deploy/helm/temporal-spark/crds/: `node scripts/crds.ts`. Structure:
// the operator's, as test/unit/manifest/*.paths.json have it. Descriptions: ours.
import { writeFile } from 'node:fs/promises';
import { crdPaths, crdTree, type CrdNode } from '../test/unit/manifest/crd.ts';
import { present } from '../src/validation/present.ts';
import { chartFile, chartText } from './chart-file.ts';
import type { CrdPaths } from './crd-paths.ts';
import { definitions, resolved, type Schema } from './manifest-schema.ts';
import { statusDescriptions } from './status-descriptions.ts';

type Kind = keyof CrdPaths;

interface Names {
  readonly singular: string;
  readonly short: string;
  readonly version: string;
  /** What one is. */
  readonly about: string;
}

const DURABLE = 'runs Apache Spark as a durable Temporal workflow.';

const names: Readonly<Record<Kind, Names>> = {
  SparkApplication: {
    ...{ singular: 'sparkapplication', short: 'sparkapp', version: 'v1beta2' },
    about: `A SparkApplication ${DURABLE}`,
  },
  ScheduledSparkApplication: {
    ...{ singular: 'scheduledsparkapplication', short: 'scheduledsparkapp', version: 'v1beta2' },
    about: `A ScheduledSparkApplication ${DURABLE}`,
  },
  SparkConnect: {
    ...{ singular: 'sparkconnect', short: 'sparkconn', version: 'v1alpha1' },
    about: 'A SparkConnect is a Spark Connect server that is started again whenever it ends.',
  },
};

/** What `kubectl get` shows: the operator's columns; the age is the last one unless it stands here. */
const printerColumns: Readonly<Record<Kind, Readonly<Record<string, readonly [type: string, jsonPath: string]>>>> = {
  SparkApplication: {
    Suspend: ['boolean', '.spec.suspend'],
    Status: ['string', '.status.applicationState.state'],
    Attempts: ['string', '.status.executionAttempts'],
    Start: ['string', '.status.lastSubmissionAttemptTime'],
    Finish: ['string', '.status.terminationTime'],
  },
  ScheduledSparkApplication: {
    Schedule: ['string', '.spec.schedule'],
    TimeZone: ['string', '.spec.timeZone'],
    Suspend: ['boolean', '.spec.suspend'],
    'Last Run': ['date', '.status.lastRun'],
    'Last Run Name': ['string', '.status.lastRunName'],
  },
  SparkConnect: {
    Age: ['date', '.metadata.creationTimestamp'],
    Status: ['string', '.status.state'],
    PodName: ['string', '.status.server.podName'],
  },
};

function columnsOf(kind: Kind): object[] {
  const columns = { ...printerColumns[kind], Age: ['date', '.metadata.creationTimestamp'] as const };
  return Object.entries(columns).map(([name, [type, jsonPath]]) => ({ jsonPath, name, type }));
}

/** Texts of fields that the manifests of users do not have. */
const topLevel: Readonly<Record<string, string>> = {
  apiVersion: 'Version of the schema of this object.',
  kind: 'Kind of this object.',
  spec: 'The desired state.',
  status: 'The observed state: a copy of what the Temporal workflow of the object has recorded.',
};

/** Times, which are texts in a CRD. */
const isTime = (path: string): boolean =>
  /^status\.(last(Run|SubmissionAttemptTime|UpdateTime)|nextRun|startTime|terminationTime|conditions\[\]\.lastTransitionTime)$/.test(
    path,
  );

function customResourceDefinition(kind: Kind): object {
  const { singular, short, version, about } = names[kind];
  const group = 'sparkoperator.k8s.io';
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
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: columnsOf(kind),
          schema: {
            openAPIV3Schema: {
              description: about,
              ...schemaOf(crdTree(crdPaths[kind]), '', (path) => descriptionOf(kind, path)),
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
  const type =
    facts.type === 'int-or-string'
      ? { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true }
      : { type: facts.type };
  const { minimum, maximum } = facts;
  return {
    ...present({ description: describe(path) }),
    ...type,
    ...(isTime(path) && { format: 'date-time' }),
    ...(facts.nullable && { nullable: true }),
    ...present({ enum: facts.enum, minimum, maximum }),
    // That of an object's metadata is the API server's own.
    ...(facts.open && path !== 'metadata' && { 'x-kubernetes-preserve-unknown-fields': true }),
    ...(required.length > 0 && { required }),
    ...(properties.size > 0 && {
      properties: Object.fromEntries(
        [...properties].map(([name, node]) => [name, schemaOf(node, below(name), describe)]),
      ),
    }),
    ...present({
      items: items && schemaOf(items, below('[]'), describe),
      additionalProperties: values && schemaOf(values, below('*'), describe),
    }),
  };
}

type Describe = (path: string) => string | undefined;

/** Of a field of the manifests, of the status, or of the object itself. */
function descriptionOf(kind: Kind, path: string): string | undefined {
  const own = topLevel[path] ?? statusDescriptions[kind][path];
  if (own !== undefined || path === '' || !path.startsWith('spec.')) return own;
  const found = path.split('.').reduce<Schema | undefined>((at, step) => {
    const isItem = step.endsWith('[]');
    const property = resolved(resolved(at)?.properties?.[isItem ? step.slice(0, -2) : step]);
    return isItem ? resolved(property?.items) : property;
  }, definitions[kind]);
  return found?.description;
}

/** Files of deploy/helm/temporal-spark/crds with their content. */
export async function customResourceDefinitions(): Promise<Readonly<Record<string, string>>> {
  const files = (Object.keys(names) as Kind[]).map(async (kind) => {
    return [`${names[kind].singular}s.yaml`, await chartText('crds.ts', customResourceDefinition(kind))] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

export const crdFile = (name: string): URL => chartFile(`crds/${name}`);

if (import.meta.main) {
  const files = Object.entries(await customResourceDefinitions());
  for (const [name, content] of files) await writeFile(crdFile(name), content);
}
