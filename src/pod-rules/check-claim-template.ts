import type { Volume } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { checkLabelSelector, checkLabels } from './check-labels.ts';
import { subdomainFault } from './names.ts';
import { entriesOf, texts, type PodProblems } from './pod-problem.ts';
import { isPositive, quantityFault } from './quantities.ts';

type ClaimTemplate = NonNullable<NonNullable<Volume['ephemeral']>['volumeClaimTemplate']>;

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** The claim that a pod makes for itself. */
export function checkClaimTemplate(problems: PodProblems, { metadata, spec }: ClaimTemplate, at: ProblemPath): void {
  for (const field of Object.keys(metadata ?? {})) {
    if (field !== 'labels' && field !== 'annotations') problems.forbidden([...at, 'metadata', field], 'cannot be set');
  }
  checkLabels(problems, metadata?.labels, [...at, 'metadata', 'labels']);
  const here = [...at, 'spec'];
  if (typeof spec !== 'object' || spec === null) return;
  const { accessModes, resources, storageClassName, volumeMode, selector } = spec;
  const modes = [...texts(accessModes)];
  if (modes.length === 0) problems.required([...here, 'accessModes'], 'at least 1 access mode is required');
  for (const [, mode] of modes) problems.oneOf([...here, 'accessModes'], mode, ACCESS_MODES);
  if (modes.length > 1 && modes.some(([, mode]) => mode === 'ReadWriteOncePod')) {
    problems.forbidden([...here, 'accessModes'], 'may not use ReadWriteOncePod with other access modes');
  }
  const storage = Object.fromEntries(entriesOf(resources?.requests))['storage'];
  const place = [...here, 'resources', 'requests', 'storage'];
  if (storage === undefined) problems.required([...here, 'resources', 'storage']);
  else {
    problems.check(
      place,
      storage,
      (text) => quantityFault(text) ?? (isPositive(text) ? undefined : 'must be greater than zero'),
    );
  }
  if (storageClassName) problems.check([...here, 'storageClassName'], storageClassName, subdomainFault);
  problems.oneOf([...here, 'volumeMode'], volumeMode, ['Block', 'Filesystem']);
  checkLabelSelector(problems, selector, [...here, 'selector']);
}
