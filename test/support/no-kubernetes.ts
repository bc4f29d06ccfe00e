import { ApplicationFailure } from '@temporalio/common';
import type { KubernetesClient } from '../../src/kubernetes/index.ts';

/** Not retryable, so that the activity which makes the call fails at once. */
function notExpected(call: string): ApplicationFailure {
  const message = `unexpected Kubernetes call "${call}": this suite has no cluster; move the test to test/cluster`;
  return ApplicationFailure.nonRetryable(message, 'KubernetesNotExpected');
}

/** The client of workers that have no cluster. Every call fails, except `version`, which starts the worker. */
export function noKubernetes(): KubernetesClient {
  const rejects = (call: string) => (): Promise<never> => Promise.reject(notExpected(call));
  const throws = (call: string) => (): never => {
    throw notExpected(call);
  };
  return {
    cluster: 'none',
    namespace: 'default',
    create: rejects('create'),
    get: rejects('get'),
    list: throws('list'),
    page: rejects('page'),
    patch: rejects('patch'),
    delete: rejects('delete'),
    logs: rejects('logs'),
    readLog: throws('readLog'),
    getFromPod: rejects('getFromPod'),
    connectToPod: rejects('connectToPod'),
    now: () => Date.now(),
    version: async () => 'none',
    watch: throws('watch'),
    as: throws('as'),
    serviceAccountToken: rejects('serviceAccountToken'),
    close: () => undefined,
  };
}
