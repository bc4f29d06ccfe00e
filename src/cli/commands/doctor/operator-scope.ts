import type { Container, Deployment } from '../../../kubernetes/objects.ts';
import { parseSelector, type LabelSelector } from './label-selector.ts';

export const OperatorKind = { Kubeflow: 'Spark operator of Kubeflow', Own: 'temporal-spark' } as const;
export type OperatorKind = (typeof OperatorKind)[keyof typeof OperatorKind];

/** An operator that runs, and which resources it serves. */
export interface OperatorScope {
  readonly kind: OperatorKind;
  /** Whether it serves SparkConnects besides SparkApplications. */
  readonly servesSessions: boolean;
  readonly namespace: string;
  /** Of its Deployment. */
  readonly name: string;
  /** Namespaces that have one of these names, or match this selector. @default all */
  readonly namespaces?: { readonly names: readonly string[]; readonly selector?: LabelSelector };
  readonly resources: LabelSelector;
  /** Deployments of the same identity are replicas of one operator. */
  readonly identity: string;
}

const KUBEFLOW_IMAGE = /(^|\/)spark-operator([/:@]|$)/;
const OWN_NAME = 'temporal-spark';
const NAME_LABEL = 'app.kubernetes.io/name';
const COMPONENT_LABEL = 'app.kubernetes.io/component';

/** The operator that a Deployment runs; undefined where it runs none, or is scaled to zero. Pure. */
export function operatorOf(deployment: Deployment): OperatorScope | undefined {
  const { metadata, spec } = deployment;
  if (spec?.replicas === 0) return undefined;
  for (const container of spec?.template.spec?.containers ?? []) {
    const labels = { ...metadata?.labels, ...spec?.template.metadata?.labels };
    const scope = ownScope(container, labels) ?? kubeflowScope(container, labels);
    const { namespace = '', name = '' } = metadata ?? {};
    if (scope !== undefined) return { namespace, name, ...scope, identity: scope.identity ?? `${namespace}/${name}` };
  }
  return undefined;
}

type Found = Omit<OperatorScope, 'namespace' | 'name' | 'identity'> & { readonly identity?: string };
type Labels = Readonly<Record<string, string>>;

/** A worker, or a process of its own. */
function ownScope(container: Container, labels: Labels): Found | undefined {
  const { image = '', env = [] } = container;
  const variables = new Map(env.map(({ name, value }) => [name, value]));
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  const isOwn = labels[NAME_LABEL] === OWN_NAME || image.includes(OWN_NAME) || words.includes(OWN_NAME);
  const isCommand = isOwn && words.includes('operator');
  if (!isCommand && variables.get('TEMPORAL_SPARK_OPERATOR') !== 'true') return undefined;
  const given = (flag: string, variable: string): string | undefined =>
    isCommand ? flagsOf(words, flag).at(-1) : variables.get(`TEMPORAL_SPARK_OPERATOR_${variable}`);
  const names = given('namespaces', 'NAMESPACES');
  const selector = given('namespace-selector', 'NAMESPACE_SELECTOR');
  const identity = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_SPARK_TASK_QUEUE'].map((name) =>
    variables.get(name),
  );
  return {
    ...{ kind: OperatorKind.Own, servesSessions: true },
    ...namespacesOf(names?.split(',') ?? [], selector),
    resources: parseSelector(given('selector', 'SELECTOR') ?? ''),
    // Two processes with flags in place of variables are taken for one operator only where all is the same.
    identity: JSON.stringify([
      ...identity,
      ...['address', 'temporal-namespace', 'task-queue'].map((flag) => flagsOf(words, flag).at(-1)),
    ]),
  };
}

/** Of version 2, and of version 1, whose flags have one hyphen. */
function kubeflowScope(container: Container, labels: Labels): Found | undefined {
  const { image = '', args = [], command = [] } = container;
  const words = [...command, ...args];
  const isController = labels[NAME_LABEL] === 'spark-operator' && labels[COMPONENT_LABEL] === 'controller';
  if (!KUBEFLOW_IMAGE.test(image) && !(isController && words.includes('controller'))) return undefined;
  if (words.includes('webhook')) return undefined;
  const names = [...flagsOf(words, 'namespaces'), ...flagsOf(words, 'namespace')].flatMap((list) => list.split(','));
  return {
    ...{ kind: OperatorKind.Kubeflow, servesSessions: !isBeforeSessions(image) },
    ...namespacesOf(names, flagsOf(words, 'namespace-selector').at(-1)),
    resources: parseSelector(flagsOf(words, 'label-selector-filter').at(-1) ?? ''),
  };
}

/** Kubeflow's operator serves SparkConnects since version 2.3; a version that the tag does not state is a later one. */
function isBeforeSessions(image: string): boolean {
  const [tagged = ''] = (image.split('/').at(-1) ?? '').split('@');
  const [, major, minor] = /:v?(\d+)(?:\.(\d+))?/.exec(tagged) ?? [];
  return major === '1' || (major === '2' && minor !== undefined && Number(minor) < 3);
}

function namespacesOf(names: readonly string[], selector = ''): Pick<OperatorScope, 'namespaces'> {
  const isAll = names.includes('') || (names.length === 0 && selector === '');
  if (isAll) return {};
  return { namespaces: { names, ...(selector === '' ? {} : { selector: parseSelector(selector) }) } };
}

/** The values of a flag, written as `--flag=value` or `--flag value`; quotes are those of a chart. */
function flagsOf(words: readonly string[], flag: string): readonly string[] {
  return words.flatMap((word, index) => {
    const [, name, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name !== flag) return [];
    return [(value ?? words[index + 1] ?? '').replaceAll('"', '')];
  });
}
