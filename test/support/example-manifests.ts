import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { parseManifests, type SparkApplication } from '../../src/manifest/index.ts';
import { root } from './build.ts';

const directory = join(root, 'examples', 'manifests');
const PREREQUISITES = 'prerequisites.yaml';

/** Every manifest of the examples, by the name of its file. */
export const exampleManifests: readonly string[] = readdirSync(directory)
  .filter((file) => file.endsWith('.yaml') && file !== PREREQUISITES)
  .sort();

/** The text of an example, for another namespace than that of the file. */
export const exampleText = (file: string, namespace: string): string =>
  readFileSync(join(directory, file), 'utf8').replaceAll('namespace: default', `namespace: ${namespace}`);

/** The applications of an example. */
export const exampleApplications = (file: string, namespace: string): SparkApplication[] =>
  parseManifests(exampleText(file, namespace), { fileName: file }).map((manifest) => {
    if (manifest.kind === 'SparkApplication') return manifest;
    throw new TypeError(`${file} holds a ${manifest.kind}.`);
  });

/** What the examples need to be there. */
export const prerequisites = (namespace: string): KubernetesObject[] =>
  parseAllDocuments(exampleText(PREREQUISITES, namespace)).map((document) => document.toJS() as KubernetesObject);

const plurals: Readonly<Record<string, string>> = { Ingress: 'ingresses', NetworkPolicy: 'networkpolicies' };

/** Where an API server takes objects of this kind. */
export function collectionPath({ apiVersion = 'v1', kind = '', metadata }: KubernetesObject): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${group}/namespaces/${metadata!.namespace!}/${plurals[kind] ?? `${kind.toLowerCase()}s`}`;
}
