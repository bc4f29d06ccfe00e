import { stringify } from 'yaml';
import { deniedCredentialKey, deniedKeys } from '../src/manifest/denied-spark-conf.ts';
import { ManifestError, parseManifests } from '../src/manifest/index.ts';
import type { ManifestProblem } from '../src/validation/problem.ts';
import { celText } from './cel-pattern.ts';
import type { CrdPaths } from './crd-paths.ts';

type Spec = Readonly<Record<string, unknown>>;

/** One of `spec.validations` of a ValidatingAdmissionPolicy. */
export interface AdmissionRule {
  readonly expression: string;
  readonly message: string;
  /** The same with the value that was found. */
  readonly messageExpression?: string;
}

/** A condition, and an application that does not meet it: the rule has the words of `validate` about that. */
interface ConditionByExample {
  readonly condition: string;
  /** What of the spec of the application differs from a valid one. */
  readonly example: Spec;
  /** Texts of the example that the words have, and CEL of what they have instead. @default none */
  readonly found?: Readonly<Record<string, string>>;
}

const NAMESPACE = 'namespace-of-the-example';

const role = { memory: '1g' };
const valid: Spec = {
  sparkVersion: '4.1.4',
  mainApplicationFile: 'local:///app.py',
  driver: role,
  executor: role,
};

/**
 * Rules between fields, and on values, as far as CEL can express them; `validate` has more.
 *
 * @param spec of an application, as CEL reads it
 */
export function rulesBetweenFields(kind: keyof CrdPaths, spec: string): readonly AdmissionRule[] {
  const rules = [...ofFields(spec), ...ofSparkConf(spec)].map(({ condition, example, found = {} }): AdmissionRule => {
    const words = wordsFor(example).replace(/^spec/, spec.replace('object.', ''));
    const samples = Object.keys(found);
    if (samples.length === 0) return { expression: condition, message: words };
    const parts = words.split(new RegExp(`(${samples.map((sample) => sample.replaceAll('.', '\\.')).join('|')})`));
    return {
      expression: condition,
      message: parts.map((part) => (part in found ? '*' : part)).join(''),
      messageExpression: parts.map((part) => found[part] ?? celText(part)).join(' + '),
    };
  });
  return kind === 'ScheduledSparkApplication' ? [...rules, ofRunNames] : rules;
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
  {
    condition: [
      `!has(${spec}.dynamicAllocation) || !has(${spec}.dynamicAllocation.minExecutors)`,
      `!has(${spec}.dynamicAllocation.maxExecutors)`,
      `${spec}.dynamicAllocation.minExecutors <= ${spec}.dynamicAllocation.maxExecutors`,
    ].join(' || '),
    example: { dynamicAllocation: { minExecutors: 9876, maxExecutors: 2 } },
    found: { 9876: `string(${spec}.dynamicAllocation.minExecutors)` },
  },
];

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

/** What `validate` answers about an application that differs so from a valid one. */
function wordsFor(example: Spec): string {
  const manifest = {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name: 'example', namespace: NAMESPACE },
    spec: { ...valid, ...example },
  };
  const [problem, ...more] = problemsOf(stringify(manifest));
  if (problem === undefined || more.length > 0) {
    throw new Error(`${JSON.stringify(example)} must have one problem, not ${more.length + 1}`);
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
