import { describe, expect, it } from 'vitest';
import { judgeApplication } from '../../../src/cli/commands/validate/judge-application.ts';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { KubernetesErrorCause } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { application } from '../spark/fixtures.ts';

type Verdict = KubernetesError | undefined;

const refusal = (
  type: KubernetesErrorType,
  message: string,
  causes: readonly KubernetesErrorCause[] = [],
): KubernetesError => new KubernetesError({ type, message, causes });

/** What a server that answers like this refuses of an application; and what was not judged. */
async function judged(spec: Record<string, unknown>, answer: (kind: string, role?: string) => Verdict) {
  const denied: string[] = [];
  const create = async (_: unknown, { kind, metadata }: Pod) => {
    const error = answer(kind!, metadata?.labels?.['spark-role']);
    if (error !== undefined) throw error;
  };
  const kubernetes = { cluster: 'test', create } as unknown as KubernetesClient;
  const problems = await judgeApplication(kubernetes, application(spec), (why) => denied.push(why));
  return { problems, denied };
}

const { AdmissionDenied, BadRequest, Forbidden, Invalid, NamespaceNotFound, NotServed } = KubernetesErrorType;

describe('what an API server refuses', () => {
  it('is reported for each field, at the field of the manifest that causes it', async () => {
    const env = [{ name: 'A', value: '1' }];
    const causes = [
      { field: 'spec.containers[0].env[0].name', message: 'Invalid value: "A"' },
      { field: 'spec.containers[0].image', message: 'Invalid value: "spark:test"' },
    ];
    const { problems } = await judged({ executor: { env } }, (_, role) =>
      role === 'executor' ? refusal(Invalid, 'cut…', causes) : undefined,
    );
    const message = 'the API server of cluster "test" refuses every executor pod: ';
    expect(problems).toEqual([
      {
        path: ['spec', 'executor', 'env', 0, 'name'],
        code: 'refused',
        message: `${message}spec.containers[0].env[0].name: Invalid value: "A"`,
      },
      {
        path: ['spec', 'image'],
        code: 'refused',
        message: `${message}spec.containers[0].image: Invalid value: "spark:test"`,
      },
    ]);
  });

  it('is reported at the role where no field is named', async () => {
    const { problems } = await judged({}, (_, role) =>
      role === 'driver' ? refusal(AdmissionDenied, 'denied by a policy.') : undefined,
    );
    expect(problems).toMatchObject([
      { path: ['spec', 'driver'], message: expect.stringMatching(/: denied by a policy$/) as string },
    ]);
  });

  it('names each field that it does not know', async () => {
    const message = 'strict decoding error: unknown field "spec.hostUsers", unknown field "spec.resources"';
    const { problems } = await judged({}, (_, role) => (role === 'driver' ? refusal(BadRequest, message) : undefined));
    expect(problems.map((problem) => problem.message.split(': ')[1])).toEqual([
      'unknown field "spec.hostUsers"',
      'unknown field "spec.resources"',
    ]);
  });

  it('is reported once where the namespace does not exist', async () => {
    const { problems } = await judged({}, () => refusal(NamespaceNotFound, 'no such namespace.'));
    expect(problems).toMatchObject([{ path: ['metadata', 'namespace'] }]);
  });

  it('includes objects other than pods, and kinds that the cluster does not serve', async () => {
    const { problems } = await judged({ batchScheduler: 'volcano', sparkUIOptions: {} }, (kind) =>
      kind === 'Pod' || kind === 'ConfigMap' ? undefined : refusal(kind === 'PodGroup' ? NotServed : Invalid, 'no'),
    );
    expect(problems.map(({ path, message }) => [path.join('.'), /refuses (\S+)/.exec(message)![1]])).toEqual([
      ['spec', 'Service'],
      ['spec.sparkUIOptions', 'Service'],
      ['spec.batchScheduler', 'PodGroup'],
    ]);
  });

  it('is not known of objects that the user may not create', async () => {
    const { problems, denied } = await judged({}, (kind) =>
      kind === 'ConfigMap' ? refusal(Forbidden, 'Cannot create configmaps') : undefined,
    );
    expect(problems).toEqual([]);
    expect(denied).toEqual(['Cannot create configmaps']);
  });

  it('is not known where the server fails', async () => {
    const failing = judged({}, () => refusal(KubernetesErrorType.ServerError, 'HTTP 500'));
    await expect(failing).rejects.toMatchObject({ type: 'ServerError' });
  });
});
