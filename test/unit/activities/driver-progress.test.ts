import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DriverProgress } from '../../../src/activities/watch/driver-progress.ts';
import { ProgressReports } from '../../../src/activities/watch/progress-reports.ts';
import { readProgress } from '../../../src/activities/watch/spark-rest.ts';
import { restAddressOf } from '../../../src/spark/driver/endpoint.ts';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { describeProgress, type DriverProgressReport } from '../../../src/protocol/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';
import { scriptedServer } from '../kubernetes/scripted-server.ts';

const START = Date.parse('2026-11-21T00:00:00Z');

const driver: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'etl', name: 'load-driver', labels: { 'spark-app-selector': 'spark-1' } },
  spec: { containers: [{ name: 'spark-kubernetes-driver', ports: [{ name: 'spark-ui', containerPort: 4041 }] }] },
};

/** As Spark 4.1 answers, with what is not read left out. */
const job = (fields = {}) => ({
  jobId: 3,
  status: 'RUNNING',
  stageIds: [4, 5, 6],
  numTasks: 300,
  numActiveTasks: 2,
  numCompletedTasks: 120,
  numSkippedTasks: 30,
  numFailedTasks: 1,
  numActiveStages: 1,
  numCompletedStages: 1,
  numSkippedStages: 1,
  ...fields,
});
const stage = (stageId: number) => ({
  stageId,
  name: `count at ${'x'.repeat(100)}`,
  numTasks: 10,
  numCompleteTasks: 4,
});

const answers =
  (jobs: unknown, stages: unknown = []) =>
  (path: string) =>
    JSON.stringify(path.includes('/jobs?') ? jobs : stages);

/** What the API server passes on from the driver; each call is counted. */
function kubernetesWith(answer: (path: string) => string): { client: KubernetesClient; calls: () => number } {
  const getFromPod = vi.fn(async (_namespace: string, _pod: string, _port: number, path: string) => answer(path));
  return {
    client: { getFromPod, now: () => Date.now() } as unknown as KubernetesClient,
    calls: () => getFromPod.mock.calls.length,
  };
}

describe("a driver's REST API", () => {
  it('is asked through the API server, for what runs only', async () => {
    const answer = answers([job(), job({ stageIds: [7], numTasks: 10 })], [stage(6), stage(5), stage(9), stage(8)]);
    const server = await scriptedServer((request, response) => {
      response.end(answer(request.url.pathname + request.url.search));
    });
    const client = await server.client();
    const progress = await readProgress(client, restAddressOf(driver)!, new AbortController().signal);
    expect(progress).toMatchObject({
      jobs: 2,
      stages: { completed: 4, running: 2, total: 4 },
      tasks: { completed: 300, running: 4, failed: 2, total: 310 },
      runningStages: [{ id: 5, completed: 4, total: 10 }, { id: 6 }, { id: 8 }],
    });
    expect(progress.runningStages).toHaveLength(3);
    expect(progress.runningStages[0]!.name).toHaveLength(80);
    expect(describeProgress(progress)).toMatch(
      /^2 jobs, stages 4 of 4, tasks 300 of 310 \(2 tries failed\); stage 5 count at x+: 4 of 10; stage 6/,
    );
    const base = '/api/v1/namespaces/etl/pods/load-driver%3A4041/proxy/api/v1/applications/spark-1';
    expect(server.requests.map(({ url }) => url.pathname + url.search)).toEqual([
      `${base}/jobs?status=running`,
      `${base}/stages?status=active`,
    ]);
    client.close();
  });

  it('reports that no job runs, and is not asked for stages then', async () => {
    const { client, calls } = kubernetesWith(answers([]));
    const progress = await readProgress(client, restAddressOf(driver)!, new AbortController().signal);
    expect(describeProgress(progress)).toBe('no job runs');
    expect(calls()).toBe(1);
  });

  it.each([
    ['no JSON', () => '<html>Please sign in</html>'],
    ['no list', answers({ error: 'unknown app' })],
    ['no numbers', answers([job({ numTasks: 'many' })])],
    ['a value that is not a number', answers([job({ numTasks: null })])],
  ])('is ignored where it answers %s', async (_, answer) => {
    const asked = readProgress(kubernetesWith(answer).client, restAddressOf(driver)!, new AbortController().signal);
    await expect(asked).rejects.toThrow();
  });

  it('has no address where the pod is not a Spark driver', () => {
    expect(restAddressOf({ ...driver, spec: { containers: [{ name: 'a' }] } })).toBeUndefined();
    expect(restAddressOf({ ...driver, metadata: { namespace: 'etl', name: 'x' } })).toBeUndefined();
  });
});

describe('while a driver runs', () => {
  beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  /** Observes every 10 s, as the wait does, for that many seconds; returns the seconds at which the driver was asked. */
  async function look(progress: DriverProgress, calls: () => number, seconds: number): Promise<number[]> {
    const asked: number[] = [];
    for (let second = 0; second <= seconds; second += 10) {
      vi.setSystemTime(START + second * 1000);
      const before = calls();
      progress.of(driver, START);
      // The answer comes in the background.
      await new Promise((resolve) => setImmediate(resolve));
      if (calls() > before) asked.push(second);
    }
    return asked;
  }

  it('it is asked every ten seconds, once its UI had time to come up', async () => {
    const { client, calls } = kubernetesWith(answers([]));
    const progress = new DriverProgress(client);
    expect(await look(progress, calls, 60)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(progress.of(driver, START)).toMatchObject({ jobs: 0 });
    progress.close();
  });

  it('one that does not answer is asked less and less often, and nothing fails', async () => {
    const { client, calls } = kubernetesWith(() => {
      throw new KubernetesError({ type: KubernetesErrorType.ServerError, message: 'dial tcp: i/o timeout' });
    });
    const progress = new DriverProgress(client);
    const asked = await look(progress, calls, 3600);
    expect(asked.slice(0, 4)).toEqual([10, 30, 60, 120]);
    expect(asked.length).toBeLessThan(13);
    expect(progress.of(driver, START)).toBeUndefined();
    progress.close();
  });

  it('without the right it is asked every ten minutes', async () => {
    const { client, calls } = kubernetesWith(() => {
      throw new KubernetesError({ type: KubernetesErrorType.Forbidden, message: 'cannot get resource' });
    });
    const progress = new DriverProgress(client);
    expect(await look(progress, calls, 1300)).toEqual([10, 610, 1210]);
    progress.close();
  });

  it('drops the last known progress when it is old', async () => {
    let up = true;
    const { client, calls } = kubernetesWith((path) => {
      if (up) return answers([job()])(path);
      throw new KubernetesError({ type: KubernetesErrorType.ServerError, message: 'connection refused' });
    });
    const progress = new DriverProgress(client);
    await look(progress, calls, 20);
    up = false;
    await look(progress, calls, 300);
    expect(progress.of(driver, START)).toMatchObject({ jobs: 1 });
    await look(progress, calls, 700);
    expect(progress.of(driver, START)).toBeUndefined();
    progress.close();
  });

  describe('the workflow', () => {
    const executors = { pending: 0, running: 2, succeeded: 0, failed: 0 };

    /** Runs that many seconds of a wait; returns the seconds at which the workflow got a report. */
    async function run(seconds: number, answer: () => string, before?: object, from = 0): Promise<number[]> {
      const reported: number[] = [];
      const signal = async (_name: string, report: DriverProgressReport) => {
        expect(report).toMatchObject({ submissionId: 'one', executors });
        reported.push((Date.now() - START) / 1000);
      };
      const client = {
        withDeadline: async <T>(_deadline: number, work: () => Promise<T>) => work(),
        withAbortSignal: async <T>(_signal: AbortSignal, work: () => Promise<T>) => work(),
        workflow: { getHandle: () => ({ signal }) },
      } as unknown as Client;
      const environment = new ActivityEnvironment({ heartbeatDetails: before }, { client });
      await environment.run(async () => {
        const reports = new ProgressReports(kubernetesWith(answer).client);
        for (let second = from; second <= seconds; second += 10) {
          vi.setSystemTime(START + second * 1000);
          reports.of(driver, START, { submissionId: 'one', executors });
          await new Promise((resolve) => setImmediate(resolve));
        }
        reports.close();
      });
      return reported;
    }

    const news = () => {
      let completed = 0;
      return (path = '') => answers([job({ numCompletedTasks: (completed += 1) })], [stage(1)])(path);
    };

    it('gets reports at intervals that double: seven in the first hour', async () => {
      expect(await run(3600, news())).toEqual([30, 60, 120, 240, 480, 960, 1920]);
    });

    it('keeps its interval when another worker continues the wait', async () => {
      expect(await run(600, news(), { reportedAt: START + 240_000 }, 300)).toEqual([480]);
    });

    it('gets one report, of the executors, where nothing is known or nothing changes', async () => {
      const forbidden = () => {
        throw new KubernetesError({ type: KubernetesErrorType.Forbidden, message: 'cannot get resource' });
      };
      expect(await run(3600, forbidden)).toEqual([30]);
    });
  });
});
