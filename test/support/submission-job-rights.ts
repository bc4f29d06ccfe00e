import { ApiServer } from '../../lab/api-server.ts';

/** Rights of the service account `spark` of a namespace for submissions in Jobs, as in docs/submitters.md. */
export async function grantSubmissionJobs(kubeconfig: string, namespace: string): Promise<void> {
  const api = await ApiServer.connect(kubeconfig);
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const metadata = { name: 'submission-jobs' };
  try {
    await api.create(`${rbac}/roles`, {
      metadata,
      rules: [
        { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'delete'] },
        { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete'] },
      ],
    });
    await api.create(`${rbac}/rolebindings`, {
      metadata,
      subjects: [{ kind: 'ServiceAccount', name: 'spark', namespace }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    });
  } finally {
    api.close();
  }
}
