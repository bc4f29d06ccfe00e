// Writes the rules of the chart's ValidatingAdmissionPolicies, deploy/helm/temporal-spark/files/admission-rules.yaml:
// `node scripts/admission-rules.ts`. They are those of the schemas of `validate` that the CustomResourceDefinitions do
// not have, and those between fields that CEL can express; the words are those of `validate`.
import { writeFile } from 'node:fs/promises';
import { crdPaths, crdTree, type CrdNode } from '../test/unit/manifest/crd.ts';
import { findFormat, formats } from '../src/validation/formats.ts';
import type { AdmissionRule } from './admission-rule.ts';
import { celText, matching } from './cel-pattern.ts';
import { chartFile, chartText } from './chart-file.ts';
import { rulesBetweenFields } from './rules-between-fields.ts';
import type { CrdPaths } from './crd-paths.ts';
import { definitions, resolved, type Schema } from './manifest-schema.ts';

type Kind = keyof CrdPaths;

const kinds: readonly Kind[] = ['SparkApplication', 'ScheduledSparkApplication', 'SparkConnect'];

/** Where a rule looks. */
interface Place {
  /** As messages show it. */
  readonly path: string;
  /** The value, as CEL reads it. */
  readonly value: string;
  /** The expression that a condition on the value takes part in: it holds where the value is absent. */
  readonly within: (condition: string) => string;
  /** Whether there is one such value, so that a message can show it. */
  readonly isSingle: boolean;
  readonly depth: number;
}

/** The rules of a kind, in the order of the schema. */
export function admissionRules(kind: Kind): readonly AdmissionRule[] {
  const root: Place = {
    ...{ path: '', value: 'object', within: (condition: string) => condition, isSingle: true, depth: 0 },
  };
  const { metadata, spec } = definitions[kind]!.properties!;
  const tree = crdTree(crdPaths[kind]);
  const template = kind === 'ScheduledSparkApplication' ? 'object.spec.template' : 'object.spec';
  return [
    // The API server checks the rest of the metadata.
    ...rulesOf(metadata!.properties!['name'], stringNode, propertyOf(root, 'metadata.name', true)),
    ...rulesOf(spec, tree.properties.get('spec'), propertyOf(root, 'spec', true)),
    ...rulesBetweenFields(kind, template),
  ];
}

const stringNode: CrdNode = { facts: { type: 'string' }, properties: new Map() };

/** @param node what the CRD has there; nothing that it does not know reaches the policy */
function rulesOf(given: Schema | undefined, node: CrdNode | undefined, place: Place): AdmissionRule[] {
  const schema = resolved(given);
  if (schema === undefined || node === undefined || node.facts.open) return [];
  switch (node.facts.type) {
    case 'object':
      return [...ofProperties(schema, node, place), ...ofMap(schema, node, place)];
    case 'array':
      return rulesOf(schema.items, node.items, itemOf(place));
    case 'string':
      return ofText(schema.anyOf?.find(({ type }) => type === 'string') ?? schema, node, place);
    case 'integer':
      return ofNumber(schema, node, place);
    default:
      return [];
  }
}

function ofProperties({ properties = {}, required = [] }: Schema, node: CrdNode, place: Place): AdmissionRule[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const below = node.properties.get(name);
    if (below === undefined) return [];
    const isRequired = below.facts.required === true;
    const { path } = propertyOf(place, name, isRequired);
    const missing =
      required.includes(name) && !isRequired
        ? [{ expression: place.within(`has(${place.value}.${name})`), message: `${path}: is required` }]
        : [];
    return [...missing, ...rulesOf(schema, below, propertyOf(place, name, isRequired))];
  });
}

function ofMap({ propertyNames, additionalProperties }: Schema, node: CrdNode, place: Place): AdmissionRule[] {
  if (node.values === undefined) return [];
  const key = `key${place.depth}`;
  const each = { ...place, isSingle: false, depth: place.depth + 1 };
  const within = (condition: string) => place.within(`${place.value}.all(${key}, ${condition})`);
  return [
    ...ofText(propertyNames ?? {}, stringNode, { ...each, path: `a key of ${place.path}`, value: key, within }),
    ...rulesOf(additionalProperties || undefined, node.values, {
      ...each,
      ...{ path: `a value of ${place.path}`, value: `${place.value}[${key}]`, within },
    }),
  ];
}

function ofText(
  { pattern, minLength, maxLength, enum: choices }: Schema,
  node: CrdNode,
  place: Place,
): AdmissionRule[] {
  const { value } = place;
  const shown = `"must not be \\"" + ${value} + "\\""`;
  return [
    ...(choices === undefined || node.facts.enum !== undefined
      ? []
      : [
          rule(place, `${value} in [${choices.map(celText).join(', ')}]`, {
            allowed: choices.map((choice) => JSON.stringify(choice)).join(', '),
            shown,
          }),
        ]),
    ...(minLength === undefined
      ? []
      : [rule(place, `size(${value}) >= ${minLength}`, { message: 'must not be empty' })]),
    ...(maxLength === undefined
      ? []
      : [rule(place, `size(${value}) <= ${maxLength}`, { message: `has more than ${maxLength} characters` })]),
    ...(pattern === undefined ? [] : [rule(place, matching(value, pattern), { allowed: allowedBy(pattern), shown })]),
  ];
}

function ofNumber({ minimum, maximum }: Schema, { facts }: CrdNode, place: Place): AdmissionRule[] {
  const { value } = place;
  const shown = `"must not be " + string(${value})`;
  const hasMinimum = minimum === undefined || (facts.minimum ?? -Infinity) >= minimum;
  const hasMaximum = maximum === undefined || (facts.maximum ?? Infinity) <= maximum;
  return [
    ...(hasMinimum ? [] : [rule(place, `${value} >= ${minimum}`, { allowed: `at least ${minimum}`, shown })]),
    ...(hasMaximum ? [] : [rule(place, `${value} <= ${maximum}`, { allowed: `at most ${maximum}`, shown })]),
  ];
}

interface Words {
  /** @default that it is not valid */
  readonly message?: string;
  readonly allowed?: string;
  /** CEL of what is wrong, with the value. */
  readonly shown?: string;
}

function rule(place: Place, condition: string, { message = 'is not valid', allowed, shown }: Words): AdmissionRule {
  const advice = allowed === undefined ? '' : `; allowed: ${allowed}`;
  return {
    expression: place.within(condition),
    message: `${place.path}: ${message}${advice}`,
    ...(shown !== undefined && place.isSingle
      ? { messageExpression: `${celText(`${place.path}: `)} + ${shown} + ${celText(advice)}` }
      : {}),
  };
}

function propertyOf({ path, value, within, ...place }: Place, name: string, isRequired: boolean): Place {
  const property = `${value}.${name}`;
  const guarded = (condition: string) => within(`!has(${property}) || (${condition})`);
  return {
    ...place,
    ...{ path: path === '' ? name : `${path}.${name}`, value: property, within: isRequired ? within : guarded },
  };
}

function itemOf({ path, value, within, depth }: Place): Place {
  const item = `item${depth}`;
  return {
    ...{ path: `${path}[]`, value: item, isSingle: false, depth: depth + 1 },
    within: (condition) => within(`${value}.all(${item}, ${condition})`),
  };
}

/** The words for a pattern of one of our formats. */
function allowedBy(pattern: string): string {
  const source = pattern.replace(/^\^\$\|/, '');
  const name = Object.entries(formats).find(([, known]) => known.pattern.source === source)?.[0];
  if (name === undefined) throw new Error(`no format has the pattern ${source}`);
  return findFormat(name)!.allowed;
}

export const admissionRulesFile: URL = chartFile('files/admission-rules.yaml');

/** The expected text of that file. */
export async function admissionRulesText(): Promise<string> {
  const rules = Object.fromEntries(kinds.map((kind) => [kind, admissionRules(kind)]));
  return chartText('admission-rules.ts', rules);
}

if (import.meta.main) await writeFile(admissionRulesFile, await admissionRulesText());
