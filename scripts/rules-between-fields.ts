import { stringify } from 'yaml';
import { deniedCredentialKey, deniedKeys } from '../src/manifest/denied-spark-conf.ts';
import { ManifestError, parseManifests } from '../src/manifest/index.ts';
import type { ManifestProblem } from '../src/validation/problem.ts';
import type { AdmissionRule, ConditionByExample } from './admission-rule.ts';
import { celText } from './cel-pattern.ts';
import { conditionsOfSessions } from './conditions-of-sessions.ts';
import type { CrdPaths } from './crd-paths.ts';

const NAMESPACE = 'namespace-of-the-example';

const role = { memory: '1g' };

/** Valid manifests. */
const samples = {
  SparkApplication: {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    spec: { sparkVersion: '4.1.4', mainApplicationFile: 'local:///app.py', driver: role, executor: role },
  },
  SparkConnect: {
    apiVersion: 'sparkoperator.k8s.io/v1alpha1',
    spec: { sparkVersion: '4.1.4', server: role, executor: role },
  },
} as const;

/**
 * Rules between fields, and on values, as far as CEL can express them; `validate` has more.
 *
 * @param spec of an application, as CEL reads it
 */
export function rulesBetweenFields(kind: keyof CrdPaths, spec: string): readonly AdmissionRule[] {
  const rules = (conditions: readonly ConditionByExample[], sample: keyof typeof samples) =>
    conditions.map((each) => ruleOf(each, sample, spec));
  switch (kind) {
    case 'SparkApplication':
      return rules([...ofFields(spec), ...ofSparkConf(spec)], 'SparkApplication');
    case 'ScheduledSparkApplication':
      return [...rules([...ofFields(spec), ...ofSparkConf(spec)], 'SparkApplication'), ofRunNames];
    case 'SparkConnect':
      return rules([ofDynamicAllocation(spec), ...ofSparkConf(spec), ...conditionsOfSessions], 'SparkConnect');
    default:
      return kind satisfies never;
  }
}

function ruleOf(
  { condition, example, metadata = {}, found = {} }: ConditionByExample,
  sample: keyof typeof samples,
  spec: string,
): AdmissionRule {
  const { apiVersion, spec: valid } = samples[sample];
  const manifest = {
    ...{ apiVersion, kind: sample },
    metadata: { name: 'example', namespace: NAMESPACE, ...metadata },
    spec: { ...valid, ...example },
  };
  const words = wordsFor(manifest).replace(/^spec/, spec.replace('object.', ''));
  const texts = Object.keys(found);
  if (texts.length === 0) return { expression: condition, message: words };
  const parts = words.split(new RegExp(`(${texts.map((text) => text.replaceAll('.', '\\.')).join('|')})`));
  return {
    expression: condition,
    message: parts.map((part) => (part in found ? '*' : part)).join(''),
    messageExpression: parts.map((part) => found[part] ?? celText(part)).join(' + '),
  };
}

const ofRunNames: AdmissionRule = {
  expression: 'size(object.metadata.name) <= 52',
  message: 'metadata.name: has more than 52 characters; a time is appended to the names of its runs',
};

const ofFields = (spec: string): readonly ConditionByExample[] => [
  { condition: `!has(${spec}.mode) || ${spec}.mode != "client"`, example: { mode: 'client' } },
  ...['driver', 'executor'].flatMap((name) => [
    {
      condition: `!has(${spec}.nodeSelector) || !has(${spec}.${name}.nodeSelector)`,
      example: { nodeSelector: { a: 'b' }, [name]: { ...role, nodeSelector: { a: 'b' } } },
    },
    {
      condition: `!has(${spec}.${name}.template) || !${spec}.sparkVersion.matches("^[0-2][.]")`,
      example: { sparkVersion: '2.4.8', [name]: { ...role, template: {} } },
    },
  ]),
  ofDynamicAllocation(spec),
];

const ofDynamicAllocation = (spec: string): ConditionByExample => ({
  condition: [
    `!has(${spec}.dynamicAllocation) || !has(${spec}.dynamicAllocation.minExecutors)`,
    `!has(${spec}.dynamicAllocation.maxExecutors)`,
    `${spec}.dynamicAllocation.minExecutors <= ${spec}.dynamicAllocation.maxExecutors`,
  ].join(' || '),
  example: { dynamicAllocation: { minExecutors: 9876, maxExecutors: 2 } },
  found: { 9876: `string(${spec}.dynamicAllocation.minExecutors)` },
});

const ofSparkConf = (spec: string): readonly ConditionByExample[] => {
  const conf = `${spec}.sparkConf`;
  const within = (condition: string): string => `!has(${conf}) || ${condition}`;
  const isCredential = `key.matches(${celText(deniedCredentialKey.source)})`;
  const credential = 'spark.kubernetes.authenticate.oauthToken';
  const namespace = 'spark.kubernetes.namespace';
  const value = `${conf}[${celText(namespace)}]`;
  return [
    ...deniedKeys.map((key) => ({
      condition: within(`!(${celText(key)} in ${conf})`),
      example: { sparkConf: { [key]: 'x' } },
    })),
    {
      condition: within(`!${conf}.exists(key, ${isCredential})`),
      example: { sparkConf: { [credential]: 'x' } },
      found: { [credential]: `${conf}.filter(key, ${isCredential})[0]` },
    },
    {
      condition: within(`!(${celText(namespace)} in ${conf}) || ${value} == object.metadata.namespace`),
      example: { sparkConf: { [namespace]: 'namespace-that-was-set' } },
      found: { [NAMESPACE]: 'object.metadata.namespace', 'namespace-that-was-set': value },
    },
  ];
};

/** What `validate` answers about a manifest that has one problem. */
function wordsFor(manifest: object): string {
  const [problem, ...more] = problemsOf(stringify(manifest));
  if (problem === undefined || more.length > 0) {
    const found = problem === undefined ? 0 : more.length + 1;
    throw new Error(`${JSON.stringify(manifest)} must have one problem, not ${found}`);
  }
  const { pathText, message, allowed, remedy } = problem;
  const advice = [allowed && `allowed: ${allowed}`, remedy].filter((part) => part !== undefined);
  return `${pathText}: ${[message, ...advice].join('; ')}`;
}

function problemsOf(text: string): readonly ManifestProblem[] {
  try {
    parseManifests(text);
    return [];
  } catch (error) {
    if (error instanceof ManifestError) return error.problems;
    throw error;
  }
}
