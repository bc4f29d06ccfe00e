import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { pod, problemsOf, type Json } from './support.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
const nodeTerm = (expression: Json): Json => ({
  affinity: { nodeAffinity: { [required]: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } },
});
const podTerm = (term: Json): Json => ({ affinity: { podAntiAffinity: { [required]: [term] } } });

describe('rejects, with the path and the words of the API server', () => {
  test.each<[string, Pod, string]>([
    [
      'an operator of a toleration',
      pod({ tolerations: [{ key: 'a', operator: 'exists' }] }),
      'spec.tolerations[0].operator: Unsupported value: "exists": supported values: "Equal", "Exists"',
    ],
    [
      'a toleration without a key',
      pod({ tolerations: [{ value: 'b' }] }),
      'spec.tolerations[0].operator: Invalid value: "": operator must be Exists',
    ],
    [
      'a value that exists',
      pod({ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }),
      'spec.tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\'',
    ],
    [
      'a time for another effect',
      pod({ tolerations: [{ key: 'a', tolerationSeconds: 1 }] }),
      'spec.tolerations[0].effect: Invalid value: ""',
    ],
    [
      'no node term',
      pod({ affinity: { nodeAffinity: { [required]: { nodeSelectorTerms: [] } } } }),
      `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms: Required value`,
    ],
    [
      'an operator of a node',
      pod(nodeTerm({ key: 'a', operator: 'in', values: ['b'] })),
      `matchExpressions[0].operator: Invalid value: "in": not a valid selector operator`,
    ],
    [
      'no values',
      pod(nodeTerm({ key: 'a', operator: 'In' })),
      'matchExpressions[0].values: Required value: must be specified when',
    ],
    [
      'two values to compare',
      pod(nodeTerm({ key: 'a', operator: 'Gt', values: ['1', '2'] })),
      'matchExpressions[0].values: Required value: must be specified single value',
    ],
    [
      'a weight',
      pod({ affinity: { nodeAffinity: { [preferred]: [{ weight: 101, preference: {} }] } } }),
      `spec.affinity.nodeAffinity.${preferred}[0].weight: Invalid value: 101: must be in the range 1-100`,
    ],
    [
      'no topology',
      pod(podTerm({ topologyKey: '' })),
      `spec.affinity.podAntiAffinity.${required}[0].topologyKey: Required value`,
    ],
    [
      'keys without a selector',
      pod(podTerm({ topologyKey: 'a', matchLabelKeys: ['b'] })),
      'matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ],
    [
      'a skew',
      pod({ topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }] }),
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0',
    ],
  ])('%s', (_what, checked, expected) => {
    expect(problemsOf(checked)).toEqual([expect.stringContaining(expected)]);
  });
});
