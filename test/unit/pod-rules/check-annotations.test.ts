import { expect, test } from 'vitest';
import { container, pod, problemsOf } from './support.ts';

const COST = 'controller.kubernetes.io/pod-deletion-cost';
const PROFILE = 'container.apparmor.security.beta.kubernetes.io';

test.each(['0', '-5', '2147483647'])('a pod may have the deletion cost %s', (cost) => {
  expect(problemsOf(pod({}, { annotations: { [COST]: cost } }))).toEqual([]);
});

test.each(['high', '+1', '01', '3000000000', ''])('a pod cannot have the deletion cost "%s"', (cost) => {
  const text = `metadata.annotations["${COST}"]: Invalid value: "${cost}": must be a 32bit integer`;
  expect(problemsOf(pod({}, { annotations: { [COST]: cost } }))).toEqual([text]);
});

test('an annotation with a profile of AppArmor must name a container and a known profile', () => {
  const annotations = { [`${PROFILE}/main`]: 'localhost/spark', [`${PROFILE}/other`]: 'unconfined' };
  expect(problemsOf(pod({}, { annotations }))).toEqual([
    `metadata.annotations["${PROFILE}/other"]: Invalid value: "other": container not found`,
  ]);
  expect(problemsOf(pod({}, { annotations: { [`${PROFILE}/main`]: 'none' } }))).toEqual([
    `metadata.annotations["${PROFILE}/main"]: Invalid value: "none": invalid AppArmor profile name`,
  ]);
});

const divided = (resource: string, divisor: string): string[] =>
  problemsOf(container({ env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource, divisor } } }] }));

test.each([
  ['limits.cpu', '1m'],
  ['limits.cpu', '1000m'],
  ['limits.memory', '1Mi'],
  ['limits.memory', '1024Ki'],
  ['limits.memory', '0'],
])('%s may be divided by %s', (resource, divisor) => {
  expect(divided(resource, divisor)).toEqual([]);
});

test.each([
  ['limits.cpu', '100m'],
  ['limits.memory', '2Mi'],
  ['limits.memory', '1024'],
])('%s cannot be divided by %s', (resource, divisor) => {
  expect(divided(resource, divisor)).toEqual([expect.stringContaining("only divisor's values")]);
});

test('a container of a pod without root cannot run as root', () => {
  const users = (securityContext: object, ofPod: object): string[] =>
    problemsOf(container({ securityContext }, { securityContext: ofPod }));
  const words = `Invalid value: 0: container's runAsUser breaks non-root policy`;
  expect(users({ runAsUser: 0 }, { runAsNonRoot: true })).toEqual([
    `spec.containers[0].securityContext.runAsUser: ${words}`,
  ]);
  expect(users({ runAsNonRoot: true }, { runAsUser: 0 })).toEqual([`spec.securityContext.runAsUser: ${words}`]);
  expect(users({ runAsNonRoot: false }, { runAsNonRoot: true, runAsUser: 0 })).toEqual([]);
});
