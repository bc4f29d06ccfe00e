import { describe, expect, it } from 'vitest';
import { applicationSchema } from '../../../scripts/json-schema.ts';
import { withSample } from './crd-samples.ts';
import { crdPaths, crdTree, crdValidator, stepsOf } from './crd.ts';
import { application, problemsOf, schedule } from './manifests.ts';

const kinds = ['SparkApplication', 'ScheduledSparkApplication'] as const;
type Kind = (typeof kinds)[number];

/** Property paths of our JSON Schema with their types; it has none below Kubernetes' own types. */
function ourPaths(kind: Kind): Map<string, Set<string>> {
  const { definitions } = applicationSchema() as { definitions: Record<string, Schema> };
  const found = new Map<string, Set<string>>();
  const walk = (schema: Schema, path: string): void => {
    if (schema.$ref) return walk(definitions[schema.$ref.replace('#/definitions/', '')] ?? {}, path);
    for (const alternative of schema.allOf ?? []) walk(alternative, path);
    const types = [schema, ...(schema.anyOf ?? [])].flatMap(({ type }) => type ?? []);
    if (path !== '' && types.length > 0) found.set(path, new Set(types));
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      walk(property, path === '' ? name : `${path}.${name}`);
    }
    if (schema.items) walk(schema.items, `${path}[]`);
    if (typeof schema.additionalProperties === 'object' && Object.keys(schema.additionalProperties).length > 0) {
      walk(schema.additionalProperties, `${path}.*`);
    }
  };
  walk(definitions[kind] ?? {}, '');
  return found;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  allOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

describe.each(kinds)('the properties of the CRD %s', (kind) => {
  const tree = crdTree(crdPaths[kind]);
  const paths = Object.keys(crdPaths[kind]);
  const strict = crdValidator(kind);

  it('are all accepted, each with a right value of its type', () => {
    const refused = paths.flatMap((path) => {
      const manifest = withSample(complete(kind), tree, stepsOf(path));
      expect(strict(manifest), `the sample of ${path}: ${JSON.stringify(strict.errors)}`).toBe(true);
      return problemsOf(manifest).map(({ pathText, message }) => `${path}: ${pathText} ${message}`);
    });
    expect(refused).toEqual([]);
    expect(paths.length).toBeGreaterThan(2000);
  });

  it('include every field of ours, with a type that ours allows', () => {
    const foreign = [...ourPaths(kind)].filter(([path, types]) => {
      const inCrd = crdPaths[kind][path];
      if (!inCrd) return !isBelowOpen(kind, path);
      const type = inCrd.type === 'int-or-string' ? 'string' : inCrd.type;
      return !types.has(type);
    });
    expect(foreign).toEqual([]);
  });
});

/** With the language, which the CRD asks for and the operator's webhook fills in before that is checked. */
const complete = (kind: Kind): unknown => {
  const { spec } = application({ type: 'Scala' });
  return kind === 'SparkApplication' ? application(spec) : schedule({ template: spec });
};

const isBelowOpen = (kind: Kind, path: string): boolean =>
  Object.entries(crdPaths[kind]).some(([open, facts]) => facts.open && path.startsWith(`${open}.`));
