import { ApiServer, ApiServerError } from './api-server.ts';

/** Name of the service account, its role and the binding between them. */
export const SPARK_SERVICE_ACCOUNT = 'spark';

/**
 * Drivers of the namespace, which must exist, can run under the service account `spark`: it may manage the pods,
 * services, config maps and volume claims of their executors. What is there already is left as it is.
 */
export async function applySparkRbac(kubeconfigFile: string, namespace: string, signal?: AbortSignal): Promise<void> {
  const api = await ApiServer.connect(kubeconfigFile);
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const metadata = { name: SPARK_SERVICE_ACCOUNT, namespace };
  try {
    await createIfAbsent(api, `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata }, signal);
    await createIfAbsent(api, `${rbac}/roles`, { metadata, rules }, signal);
    await createIfAbsent(
      api,
      `${rbac}/rolebindings`,
      {
        metadata,
        subjects: [{ kind: 'ServiceAccount', name: SPARK_SERVICE_ACCOUNT, namespace }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: SPARK_SERVICE_ACCOUNT },
      },
      signal,
    );
  } finally {
    api.close();
  }
}

const rules = [
  {
    apiGroups: [''],
    resources: ['pods', 'services', 'configmaps', 'persistentvolumeclaims'],
    verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  },
];

async function createIfAbsent(api: ApiServer, path: string, object: object, signal?: AbortSignal): Promise<void> {
  try {
    await api.create(path, object, signal);
  } catch (error) {
    if (!(error instanceof ApiServerError && error.status === 409)) throw error;
  }
}
