import type { Pod } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { labelValueFault, qualifiedNameFault } from './names.ts';
import { entriesOf, items, texts, type PodProblems } from './pod-problem.ts';

type PodAffinityTerms = NonNullable<
  NonNullable<NonNullable<Pod['spec']>['affinity']>['podAffinity']
>['requiredDuringSchedulingIgnoredDuringExecution'];
type LabelSelector = NonNullable<PodAffinityTerms>[number]['labelSelector'];

/** Keys and values of labels, or of a node selector. */
export function checkLabels(
  problems: PodProblems,
  labels: Readonly<Record<string, string>> | undefined,
  at: ProblemPath,
): void {
  for (const [key, value] of entriesOf(labels)) {
    problems.check([...at, key], key, qualifiedNameFault);
    problems.check([...at, key], value, labelValueFault);
  }
}

interface Requirement {
  readonly operator?: string | undefined;
  readonly values?: readonly unknown[] | undefined;
}

export const NO_OPERATOR = 'not a valid selector operator';

/** How many values the operators take that all selectors have. False for another operator, which is not reported. */
export function checkValueCount(
  problems: PodProblems,
  { operator = '', values }: Requirement,
  at: ProblemPath,
): boolean {
  const count = Array.isArray(values) ? values.length : 0;
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count === 0) problems.required([...at, 'values'], "must be specified when `operator` is 'In' or 'NotIn'");
      return true;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0) {
        problems.forbidden([...at, 'values'], "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      }
      return true;
    default:
      return false;
  }
}

/** A selector of pods or claims by their labels. */
export function checkLabelSelector(problems: PodProblems, selector: LabelSelector, at: ProblemPath): void {
  checkLabels(problems, selector?.matchLabels, [...at, 'matchLabels']);
  for (const [index, { key, operator, values }] of items(selector?.matchExpressions)) {
    const here = [...at, 'matchExpressions', index];
    if (!checkValueCount(problems, { operator, values }, here)) {
      problems.invalid([...here, 'operator'], operator, NO_OPERATOR);
    }
    problems.check([...here, 'key'], key ?? '', qualifiedNameFault);
    for (const [item, value] of texts(values)) problems.check([...here, 'values', item], value, labelValueFault);
  }
}
