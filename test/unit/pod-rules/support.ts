import type { Container, Pod } from '../../../src/kubernetes/objects.ts';
import { checkPod, podProblemText } from '../../../src/pod-rules/index.ts';
import { pathText } from '../../../src/validation/problems.ts';

export type Json = Record<string, unknown>;

export const main: Container = { name: 'main', image: 'registry.test/team/app:1' };

export const pod = (spec: Json = {}, metadata: Json = {}): Pod => ({
  metadata: { name: 'app', ...metadata },
  spec: { containers: [main], ...spec },
});

/** A pod whose only container has these fields. */
export const container = (fields: Json, spec: Json = {}): Pod => pod({ ...spec, containers: [{ ...main, ...fields }] });

export const problemsOf = (checked: Pod): string[] =>
  checkPod(checked).map((problem) => `${pathText(problem.path)}: ${podProblemText(problem)}`);
