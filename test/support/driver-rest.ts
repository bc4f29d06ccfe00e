import type { KubernetesClient } from '../../src/kubernetes/index.ts';

/** Simulated drivers have no REST API: this client has answers in their place, of a job that gets on with each look. */
export function withDriverRest(kubernetes: KubernetesClient): KubernetesClient {
  let completed = 0;
  const answer = (path: string): unknown => {
    if (!path.includes('/jobs?')) {
      return [{ stageId: 4, name: 'count at Report.scala:12', numTasks: 200, numCompleteTasks: completed }];
    }
    completed = Math.min(completed + 1, 200);
    const tasks = { numTasks: 300, numActiveTasks: 4, numSkippedTasks: 0, numFailedTasks: 0 };
    const stages = { stageIds: [3, 4], numActiveStages: 1, numCompletedStages: 1, numSkippedStages: 0 };
    return [{ ...tasks, ...stages, numCompletedTasks: 100 + completed }];
  };
  const getFromPod: KubernetesClient['getFromPod'] = async (_namespace, _pod, _port, path) =>
    JSON.stringify(answer(path));
  return Object.create(kubernetes, { getFromPod: { value: getFromPod } }) as KubernetesClient;
}
