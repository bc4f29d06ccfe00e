import type { PodSpec } from '../kubernetes/objects.ts';
import { present } from '../validation/present.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { checkLabelSelector, checkLabels, checkValueCount, NO_OPERATOR } from './check-labels.ts';
import { labelFault, labelValueFault, qualifiedNameFault, subdomainFault } from './names.ts';
import { items, texts, type PodProblems } from './pod-problem.ts';

type Affinity = NonNullable<PodSpec['affinity']>;
type NodeAffinity = NonNullable<Affinity['nodeAffinity']>;
type NodeTerm = NonNullable<
  NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'][number];
type PodTerm = NonNullable<
  NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number];

type Labels = Readonly<Record<string, string>>;

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** What decides over the pod's node. */
export function checkScheduling(problems: PodProblems, pod: PodSpec, labels: Labels, at: ProblemPath): void {
  checkLabels(problems, pod.nodeSelector, [...at, 'nodeSelector']);
  checkTolerations(problems, pod.tolerations, [...at, 'tolerations']);
  const { nodeAffinity, podAffinity, podAntiAffinity } = pod.affinity ?? {};
  if (nodeAffinity !== undefined) checkNodeAffinity(problems, nodeAffinity, [...at, 'affinity', 'nodeAffinity']);
  for (const [kind, affinity] of [
    ['podAffinity', podAffinity],
    ['podAntiAffinity', podAntiAffinity],
  ] as const) {
    const here = [...at, 'affinity', kind];
    for (const [index, term] of items(affinity?.[REQUIRED]))
      checkPodTerm(problems, term, labels, [...here, REQUIRED, index]);
    for (const [index, { weight, podAffinityTerm }] of items(affinity?.[PREFERRED])) {
      checkWeight(problems, weight, [...here, PREFERRED, index, 'weight']);
      checkPodTerm(problems, podAffinityTerm, labels, [...here, PREFERRED, index, 'podAffinityTerm']);
    }
  }
  checkSpread(problems, pod.topologySpreadConstraints, labels, [...at, 'topologySpreadConstraints']);
}

function checkTolerations(problems: PodProblems, tolerations: PodSpec['tolerations'], at: ProblemPath): void {
  for (const [index, { key, operator, value = '', effect, tolerationSeconds }] of items(tolerations)) {
    const here = [...at, index];
    if (key) problems.check([...here, 'key'], key, qualifiedNameFault);
    else if (operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      problems.invalid([...here, 'operator'], operator ?? '', detail);
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      problems.invalid([...here, 'effect'], effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    switch (operator) {
      case undefined:
      case '':
      case 'Equal':
        problems.check([...here, 'operator'], value, labelValueFault);
        break;
      case 'Exists':
        if (value !== '') {
          problems.invalid([...here, 'operator'], value, "value must be empty when `operator` is 'Exists'");
        }
        break;
      case 'Lt':
      case 'Gt': // only where the cluster has enabled them
        break;
      default:
        problems.oneOf([...here, 'operator'], operator, ['Equal', 'Exists']);
    }
    problems.oneOf([...here, 'effect'], effect, EFFECTS);
  }
}

function checkNodeAffinity(problems: PodProblems, affinity: NodeAffinity, at: ProblemPath): void {
  const required = affinity[REQUIRED];
  if (required !== undefined) {
    const here = [...at, REQUIRED, 'nodeSelectorTerms'];
    if (!Array.isArray(required.nodeSelectorTerms) || required.nodeSelectorTerms.length === 0) {
      problems.required(here, 'must have at least one node selector term');
    }
    for (const [index, term] of items(required.nodeSelectorTerms)) {
      checkNodeTerm(problems, term, [...here, index], { checksValues: true });
    }
  }
  for (const [index, { weight, preference }] of items(affinity[PREFERRED])) {
    const here = [...at, PREFERRED, index];
    checkWeight(problems, weight, [...here, 'weight']);
    checkNodeTerm(problems, preference, [...here, 'preference'], { checksValues: false });
  }
}

function checkNodeTerm(
  problems: PodProblems,
  term: NodeTerm | undefined,
  at: ProblemPath,
  { checksValues }: { readonly checksValues: boolean },
): void {
  for (const [index, { key, operator, values }] of items(term?.matchExpressions)) {
    const here = [...at, 'matchExpressions', index];
    if (operator === 'Gt' || operator === 'Lt') {
      if (!Array.isArray(values) || values.length !== 1) {
        problems.required([...here, 'values'], "must be specified single value when `operator` is 'Lt' or 'Gt'");
      }
    } else if (!checkValueCount(problems, { operator, values }, here)) {
      problems.invalid([...here, 'operator'], operator, NO_OPERATOR);
    }
    problems.check([...here, 'key'], key ?? '', qualifiedNameFault);
    for (const [item, value] of checksValues ? texts(values) : []) {
      problems.check([...here, 'values', item], value, labelValueFault);
    }
  }
  for (const [index, { key, operator, values }] of items(term?.matchFields)) {
    const here = [...at, 'matchFields', index];
    if (operator !== 'In' && operator !== 'NotIn') {
      problems.invalid([...here, 'operator'], operator, NO_OPERATOR);
    } else if (!Array.isArray(values) || values.length !== 1) {
      const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
      problems.required([...here, 'values'], detail);
    }
    if (key !== 'metadata.name') problems.invalid([...here, 'key'], key, 'not a valid field selector key');
    else for (const [item, value] of texts(values)) problems.check([...here, 'values', item], value, subdomainFault);
  }
}

function checkWeight(problems: PodProblems, weight: number, at: ProblemPath): void {
  if (!(weight >= 1 && weight <= 100)) problems.invalid(at, weight, 'must be in the range 1-100');
}

function checkPodTerm(problems: PodProblems, term: PodTerm | undefined, labels: Labels, at: ProblemPath): void {
  if (typeof term !== 'object' || term === null) return;
  const { labelSelector, namespaceSelector, namespaces, topologyKey, matchLabelKeys, mismatchLabelKeys } = term;
  checkLabelSelector(problems, labelSelector, [...at, 'labelSelector']);
  checkLabelSelector(problems, namespaceSelector, [...at, 'namespaceSelector']);
  for (const [index, namespace] of texts(namespaces)) {
    problems.check([...at, 'namespaces', index], namespace, labelFault);
  }
  problems.name([...at, 'topologyKey'], topologyKey, qualifiedNameFault);
  checkLabelKeys(problems, present({ matchLabelKeys, mismatchLabelKeys, labelSelector }), labels, at);
}

function checkLabelKeys(
  problems: PodProblems,
  { labelSelector, ...keys }: Pick<PodTerm, 'matchLabelKeys' | 'mismatchLabelKeys' | 'labelSelector'>,
  labels: Labels,
  at: ProblemPath,
): void {
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    const list = [...texts(keys[field])];
    if (list.length > 0 && labelSelector === undefined) {
      problems.forbidden([...at, field], 'must not be specified when labelSelector is not set');
      continue;
    }
    for (const [index, key] of list) {
      problems.check([...at, field, index], key, qualifiedNameFault);
      // The server adds an expression for each of them that is a label of the pod.
      const expressions = [...items(labelSelector?.matchExpressions)].filter(([, each]) => each.key === key).length;
      const isLabel = Object.hasOwn(labels, key);
      const isSelected =
        (Object.hasOwn(labelSelector?.matchLabels ?? {}, key) ? 1 : 0) + expressions + (isLabel ? 1 : 0) > 1;
      if (field === 'matchLabelKeys' && isSelected) {
        problems.invalid([...at, field, index], key, 'exists in both matchLabelKeys and labelSelector');
      }
      if (field === 'matchLabelKeys' && keys.mismatchLabelKeys?.includes(key) === true) {
        problems.invalid([...at, field, index], key, 'exists in both matchLabelKeys and mismatchLabelKeys');
      }
    }
  }
}

function checkSpread(
  problems: PodProblems,
  constraints: PodSpec['topologySpreadConstraints'],
  labels: Labels,
  at: ProblemPath,
): void {
  const seen = new Map<string, ProblemPath>();
  for (const [index, constraint] of items(constraints)) {
    const here = [...at, index];
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector, matchLabelKeys } = constraint;
    if (!(maxSkew > 0)) problems.invalid([...here, 'maxSkew'], maxSkew, 'must be greater than zero');
    problems.name([...here, 'topologyKey'], topologyKey);
    problems.name([...here, 'whenUnsatisfiable'], whenUnsatisfiable);
    problems.oneOf([...here, 'whenUnsatisfiable'], whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']);
    const kind = `{${topologyKey}, ${whenUnsatisfiable}}`;
    const other = seen.get(kind);
    if (other === undefined) seen.set(kind, here);
    else problems.duplicate(here, kind, other);
    if (minDomains !== undefined) {
      if (minDomains <= 0) problems.invalid([...here, 'minDomains'], minDomains, 'must be greater than zero');
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
        problems.invalid([...here, 'minDomains'], minDomains, detail);
      }
    }
    problems.oneOf([...here, 'nodeAffinityPolicy'], constraint.nodeAffinityPolicy, ['Honor', 'Ignore']);
    problems.oneOf([...here, 'nodeTaintsPolicy'], constraint.nodeTaintsPolicy, ['Honor', 'Ignore']);
    checkLabelSelector(problems, labelSelector, [...here, 'labelSelector']);
    checkLabelKeys(problems, present({ matchLabelKeys, labelSelector }), labels, here);
  }
}
