import { expect, it } from 'vitest';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import { StatusWrite } from '../../../src/mirror/index.ts';
import { writeReported, type Reported } from '../../../src/operator/compare-status.ts';
import { readSparkApplication } from '../../../src/operator/resource.ts';

const startedAt = new Date('2026-01-01T00:00:00Z');
const begunAt = '2026-01-01T00:10:00.123Z';
const reported: Reported = {
  ...{ state: 'RUNNING', submissionId: 'third', sparkApplicationId: 'spark-3', driverPodName: 'pi-driver' },
  submittedAt: '2026-01-01T00:10:04.567Z',
};

/** The status that is written to a resource which has another one, or none. */
async function writtenOver(status: Record<string, unknown> | undefined, given: Reported) {
  const resource = readSparkApplication({
    metadata: { namespace: 'etl', name: 'pi', uid: 'r', generation: 1 },
    ...(status && { status }),
  });
  const patches: { op: string; path: string; value: unknown }[][] = [];
  const kubernetes = {
    patch: async (_kind: unknown, _in: string, _name: string, _type: string, operations: never) => {
      patches.push(operations);
    },
  } as unknown as KubernetesClient;
  expect(await writeReported(kubernetes, resource, given, startedAt)).toBe(StatusWrite.Written);
  return patches[0]!.find(({ op, path }) => op === 'add' && path === '/status')!.value as Record<string, unknown>;
}

it('has the begin of the attempt and the counters of the workflow, also where several writes were lost', async () => {
  const written = await writtenOver(undefined, { ...reported, served: { submissions: 3, executions: 2, begunAt } });
  expect(written).toMatchObject({
    applicationState: { state: 'RUNNING' },
    ...{ lastSubmissionAttemptTime: begunAt, submissionAttempts: 3, executionAttempts: 2 },
  });
});

it('has the next best of a workflow of a previous version, which does not report them', async () => {
  const before = { submissionID: 'second', submissionAttempts: 1, executionAttempts: 1 };
  expect(await writtenOver(before, reported)).toMatchObject({
    ...{ lastSubmissionAttemptTime: reported.submittedAt, submissionAttempts: 2, executionAttempts: 2 },
  });
});
