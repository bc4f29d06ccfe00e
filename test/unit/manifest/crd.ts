import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import type { CrdPaths, PropertyFacts, PropertyPaths } from '../../../scripts/crd-paths.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`${name}.paths.json`, import.meta.url), 'utf8')) as CrdPaths;

const written = read('sparkapplication-v1beta2');

/** The properties of the operator's CRDs; a schedule's with those of its template. */
export const crdPaths: CrdPaths = {
  SparkApplication: written.SparkApplication,
  ScheduledSparkApplication: {
    ...written.ScheduledSparkApplication,
    ...Object.fromEntries(
      Object.entries(written.SparkApplication)
        .filter(([path]) => path.startsWith('spec.'))
        .map(([path, facts]) => [path.replace(/^spec\./, 'spec.template.'), facts]),
    ),
  },
  SparkConnect: read('sparkconnect-v1alpha1').SparkConnect,
};

/** A property of a CRD with the properties below it. */
export interface CrdNode {
  facts: PropertyFacts;
  properties: Map<string, CrdNode>;
  items?: CrdNode;
  values?: CrdNode;
}

/** The steps of a path: property names, `[]` for an item of a list and `*` for a value of a map. */
export const stepsOf = (path: string): string[] => path.replaceAll('[]', '.[]').split('.');

/** The properties as a tree. */
export function crdTree(paths: PropertyPaths): CrdNode {
  const root: CrdNode = { facts: { type: 'object' }, properties: new Map() };
  for (const [path, facts] of Object.entries(paths)) {
    const node: CrdNode = { facts, properties: new Map() };
    const steps = stepsOf(path);
    const last = steps.pop() ?? '';
    const parent = steps.reduce(childOf, root);
    if (last === '[]') parent.items = node;
    else if (last === '*') parent.values = node;
    else parent.properties.set(last, node);
  }
  return root;
}

export function childOf(node: CrdNode, step: string): CrdNode {
  const child = step === '[]' ? node.items : step === '*' ? node.values : node.properties.get(step);
  if (!child) throw new Error(`the data has a path below "${step}" but not its parent`);
  return child;
}

/**
 * Validates as an API server with the CRD would with strict field validation.
 *
 * @param open names of properties below which anything may stand
 */
export const crdValidator = (kind: keyof CrdPaths, open: readonly string[] = []): ValidateFunction =>
  new Ajv({ allowUnionTypes: true, strict: false }).compile(toJsonSchema(crdTree(crdPaths[kind]), open));

function toJsonSchema({ facts, properties, items, values }: CrdNode, open: readonly string[]): object {
  const required = [...properties].filter(([, { facts }]) => facts.required).map(([name]) => name);
  const type = facts.type === 'int-or-string' ? ['integer', 'string'] : facts.type;
  return {
    type: facts.nullable ? [type, 'null'].flat() : type,
    ...(facts.enum && { enum: facts.enum }),
    ...(facts.minimum !== undefined && { minimum: facts.minimum }),
    ...(facts.maximum !== undefined && { maximum: facts.maximum }),
    ...(facts.type === 'array' && items && { items: toJsonSchema(items, open) }),
    ...(facts.type === 'object' &&
      !facts.open && {
        properties: Object.fromEntries(
          [...properties].map(([name, node]) => [name, toJsonSchema(open.includes(name) ? opened(node) : node, open)]),
        ),
        required,
        additionalProperties: values ? toJsonSchema(values, open) : false,
      }),
  };
}

const opened = ({ facts, items, ...node }: CrdNode): CrdNode => ({
  ...node,
  facts: { ...facts, ...(facts.type === 'object' && { open: true }) },
  ...(items && { items: opened(items) }),
});
