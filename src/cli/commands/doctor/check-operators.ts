import { Resources, type KubernetesClient } from '../../../kubernetes/index.ts';
import type { Namespace } from '../../../kubernetes/objects.ts';
import { failed, ok, type Finding } from './finding.ts';
import { canOverlap, selects } from './label-selector.ts';
import { operatorOf, OperatorKind, type OperatorScope } from './operator-scope.ts';
import { listed, readable, unseen } from './reading.ts';

const CHECK = 'operators of SparkApplications';
/** Names in a finding, at most. */
const MOST_NAMES = 5;

/** Finds operators that serve the same resources: each would run them. */
export async function checkOperators(kubernetes: KubernetesClient): Promise<Finding[]> {
  const read = await readable(() =>
    Promise.all([
      listed(kubernetes, Resources.deployments, undefined),
      listed(kubernetes, Resources.namespaces, undefined),
    ]),
  );
  if ('problem' in read) return [unseen(CHECK, read.problem)];
  const [deployments, namespaces] = read.value;
  return compareOperators(
    deployments.flatMap((each) => operatorOf(each) ?? []),
    namespaces,
  );
}

/** Pure. */
export function compareOperators(operators: readonly OperatorScope[], namespaces: readonly Namespace[]): Finding[] {
  const overlaps = operators.flatMap((one, index) =>
    operators.slice(index + 1).flatMap((other) => overlapOf(one, other, namespaces) ?? []),
  );
  if (overlaps.length > 0) return overlaps;
  return operators.map((operator) => {
    const served = namespaces.filter((namespace) => serves(operator, namespace));
    const where = operator.namespaces === undefined ? 'all namespaces' : `namespaces: ${namesOf(served)}`;
    return ok(`operator ${operator.namespace}/${operator.name}`, `${operator.kind}; serves ${where}`);
  });
}

function overlapOf(one: OperatorScope, other: OperatorScope, namespaces: readonly Namespace[]): Finding | undefined {
  if (one.identity === other.identity || !canOverlap(one.resources, other.resources)) return undefined;
  const both = namespaces.filter((namespace) => serves(one, namespace) && serves(other, namespace));
  if (both.length === 0) return undefined;
  const name = ({ namespace, name, kind }: OperatorScope) => `${namespace}/${name} (${kind})`;
  const kinds = `SparkApplications${one.servesSessions && other.servesSessions ? ' and SparkConnects' : ''}`;
  return failed(
    CHECK,
    `${name(one)} and ${name(other)} both serve ${kinds} in: ${namesOf(both)}; both would run them`,
    `${[one, other].map(remedyOf).join('; or ')} (docs/from-kubeflow.md)`,
  );
}

function serves({ namespaces }: OperatorScope, { metadata: { name = '', labels = {} } = {} }: Namespace): boolean {
  if (namespaces === undefined) return true;
  const { names, selector } = namespaces;
  return names.includes(name) || (selector !== undefined && selects(selector, labels));
}

function remedyOf({ kind, namespace, name }: OperatorScope): string {
  switch (kind) {
    case OperatorKind.Kubeflow:
      return `leave these namespaces out of spark.jobNamespaces of ${namespace}/${name}, or stop it: kubectl -n ${namespace} scale deployment ${name} --replicas=0`;
    case OperatorKind.Own:
      return `limit ${namespace}/${name} with applications.namespaces, operator.namespaceSelector or operator.selector of its chart`;
    default:
      return kind satisfies never;
  }
}

function namesOf(namespaces: readonly Namespace[]): string {
  const names = namespaces.map(({ metadata }) => metadata!.name!).sort();
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return names.length === 0 ? 'none' : `${names.slice(0, MOST_NAMES).join(', ')}${more}`;
}
