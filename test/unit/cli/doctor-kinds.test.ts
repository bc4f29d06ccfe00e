import { describe, expect, it } from 'vitest';
import { checkKinds } from '../../../src/cli/commands/doctor/check-kinds.ts';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';

/** What is found where the API server answers so about these kinds. */
const found = (answers: Readonly<Record<string, KubernetesErrorType>>) => {
  const page = async ({ kind }: { kind: string }) => {
    const type = answers[kind];
    if (type !== undefined) throw new KubernetesError({ type, message: `refused: ${type}` });
    return { items: [] };
  };
  return checkKinds({ page } as unknown as KubernetesClient, 'etl');
};

describe('the kinds of an operator', () => {
  it('are listed where the cluster knows all', async () => {
    expect(await found({})).toEqual([
      {
        ...{ status: 'ok', check: 'kinds of the operator' },
        found: 'SparkApplication, ScheduledSparkApplication, SparkConnect',
      },
    ]);
  });

  it.each([
    ['SparkApplication', 'failed'],
    ['ScheduledSparkApplication', 'warning'],
    ['SparkConnect', 'warning'],
  ])('are reported where they are not installed: %s', async (kind, status) => {
    const plural = `${kind.toLowerCase()}s`;
    expect(await found({ [kind]: KubernetesErrorType.NotServed })).toEqual([
      {
        ...{ status, check: `CustomResourceDefinition ${plural}.sparkoperator.k8s.io` },
        found: `is not installed: ${kind}s are not served`,
        remedy: `kubectl apply -f deploy/helm/temporal-spark/crds/${plural}.yaml`,
      },
    ]);
  });

  it('are not checked where this account may not list them', async () => {
    expect(await found({ SparkConnect: KubernetesErrorType.Forbidden })).toMatchObject([
      { status: 'warning', found: 'not checked: this account may not list them' },
    ]);
  });
});
