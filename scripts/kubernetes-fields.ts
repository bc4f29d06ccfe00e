// Writes src/manifest/kubernetes-fields.ts: `node scripts/kubernetes-fields.ts`.
import { readFile, writeFile } from 'node:fs/promises';
import * as kubernetes from '@kubernetes/client-node';
import { format } from 'prettier';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  /** Of numbers: `int32` or `int64`. */
  readonly format: string;
}

interface Model {
  readonly attributeTypeMap: readonly Attribute[];
}

const modelOf = (type: string): Model | undefined => {
  const model = (kubernetes as unknown as Record<string, Partial<Model> | undefined>)[type];
  return Array.isArray(model?.attributeTypeMap) ? (model as Model) : undefined;
};

const nameOf = (type: string): string => type.replace(/^V1/, '');

/** Resources are strings to the client, but an API server accepts numbers, too. */
const QUANTITY_MAPS = ['limits', 'requests', 'overhead'];
const QUANTITIES = ['divisor', 'sizeLimit'];

/** A field's type as the table names it. */
function typeOf({ baseName, type, format }: Attribute): string {
  const item = /^Array<(.+)>$/.exec(type)?.[1];
  if (item !== undefined) return `[${typeOf({ baseName, type: item, format })}]`;
  if (type.startsWith('{')) return QUANTITY_MAPS.includes(baseName) ? '{quantity}' : '{string}';
  if (type === 'string') return QUANTITIES.includes(baseName) ? 'quantity' : 'string';
  if (type === 'number') return format;
  if (type === 'Date') return 'string';
  if (type === 'IntOrString') return 'intOrString';
  return nameOf(type);
}

/** Only the client's declarations show which fields are optional. */
async function requiredOf(type: string): Promise<ReadonlySet<string>> {
  const declared = new URL(`../node_modules/@kubernetes/client-node/dist/gen/models/${type}.d.ts`, import.meta.url);
  return new Set([...(await readFile(declared, 'utf8')).matchAll(/^ {4}'(\w+)': /gm)].map(([, name]) => name!));
}

/** Fields of every type that a pod template is made of, by the official client. */
export async function kubernetesFields(): Promise<Record<string, string>> {
  const fields: Record<string, string> = {};
  const add = async (type: string): Promise<void> => {
    const model = modelOf(type);
    if (model === undefined || fields[nameOf(type)] !== undefined) return;
    const required = await requiredOf(type);
    fields[nameOf(type)] = model.attributeTypeMap
      .map((attribute) => {
        const name = `${attribute.baseName}${required.has(attribute.baseName) ? '!' : ''}`;
        return `${name}:${typeOf(attribute)}`.replace(/:string$/, '');
      })
      .sort()
      .join(' ');
    for (const { type: of } of model.attributeTypeMap) await add(/^Array<(.+)>$/.exec(of)?.[1] ?? of);
  };
  await add('V1PodTemplateSpec');
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const fieldsFile = new URL('../src/manifest/kubernetes-fields.ts', import.meta.url);

/** The file's content. */
export async function fieldsText(): Promise<string> {
  const lines = Object.entries(await kubernetesFields()).map(([type, fields]) => `  ${type}: '${fields}',\n`);
  const text = `// Written by scripts/kubernetes-fields.ts.

/**
 * What a pod template is made of: the fields of each type, apart by blanks, with \`!\` where it is required, and \`:\` and
 * its type where that is not a string. \`[T]\` is a list, \`{T}\` a map.
 */
export const kubernetesFields: Readonly<Record<string, string>> = {
${lines.join('')}};
`;
  return format(text, { parser: 'typescript', printWidth: 120, singleQuote: true });
}

if (import.meta.main) await writeFile(fieldsFile, await fieldsText());
