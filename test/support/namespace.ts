import { randomBytes } from 'node:crypto';
import { ApiServer } from '../../lab/api-server.ts';
import { poll } from '../../lab/poll.ts';
import { applySparkRbac } from '../../lab/spark-rbac.ts';

/**
 * Makes a namespace that takes pods, with a service account `spark` that may do what Spark's driver does; returns its
 * name: the prefix and a random end.
 */
export async function makeNamespace(kubeconfig: string, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  const api = await ApiServer.connect(kubeconfig);
  try {
    await api.create('/api/v1/namespaces', { metadata: { name } });
    await Promise.all([
      applySparkRbac(kubeconfig, name),
      poll((signal) => api.get(`/api/v1/namespaces/${name}/serviceaccounts/default`, signal), {
        what: `the default service account of ${name}`,
      }),
    ]);
  } finally {
    api.close();
  }
  return name;
}
