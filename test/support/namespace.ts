import { randomBytes } from 'node:crypto';
import { ApiServer } from '../../lab/api-server.ts';
import { eventually } from '../../lab/eventually.ts';
import { applySparkRbac } from '../../lab/spark-rbac.ts';
import type { ServiceAccount } from '../../src/kubernetes/objects.ts';

/**
 * Controllers that lost the API server a few times look for it again after up to 60 s (client-go's reflectors: 30 s with
 * a jitter of as much again), and have a list to make then.
 */
const CONTROLLERS_RETURN_MS = 180_000;

/**
 * Makes a namespace that takes pods, with a service account `spark` that may do what Spark's driver does; returns its
 * name: the prefix and a random end.
 */
export async function makeNamespace(kubeconfig: string, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  await furnishNamespace(kubeconfig, name);
  return name;
}

/** The same under a name that is given: for one that several clusters have. */
export async function furnishNamespace(kubeconfig: string, name: string): Promise<void> {
  const api = await ApiServer.connect(kubeconfig);
  try {
    await api.create('/api/v1/namespaces', { metadata: { name } });
    await Promise.all([
      applySparkRbac(kubeconfig, name),
      eventually(
        `the default service account of ${name}`,
        (signal) => api.get<ServiceAccount>(`/api/v1/namespaces/${name}/serviceaccounts/default`, signal),
        { timeoutMs: CONTROLLERS_RETURN_MS },
      ),
    ]);
  } finally {
    api.close();
  }
}
