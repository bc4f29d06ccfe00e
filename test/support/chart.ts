import { readFile, writeFile } from 'node:fs/promises';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { ApiServer } from '../../lab/api-server.ts';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { renderChart } from '../../scripts/manifests.ts';

/** What the chart needs in any case. */
const REQUIRED = { image: { repository: 'temporal-spark' }, temporal: { address: '127.0.0.1:7233' } };

export interface ChartOptions {
  readonly namespace: string;
  readonly values: object;
  /** For the file with the values. */
  readonly directory: string;
}

/** The chart's objects with these values on top of those that are required. Rejects with helm's message. */
export async function chartObjects({ namespace, values, directory }: ChartOptions): Promise<KubernetesObject[]> {
  const file = `${directory}/values-${namespace}.yaml`;
  await writeFile(file, stringify({ ...REQUIRED, ...values }));
  return objectsOf(await renderChart(['--namespace', namespace, '--values', file]));
}

export const objectsOf = (text: string): KubernetesObject[] =>
  parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });

const PLURALS: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceaccounts',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Deployment: 'deployments',
  Service: 'services',
  ConfigMap: 'configmaps',
  PriorityClass: 'priorityclasses',
  PodDisruptionBudget: 'poddisruptionbudgets',
  ResourceQuota: 'resourcequotas',
  LimitRange: 'limitranges',
  NetworkPolicy: 'networkpolicies',
  CustomResourceDefinition: 'customresourcedefinitions',
  ServiceMonitor: 'servicemonitors',
  PrometheusRule: 'prometheusrules',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
};

/** Creates the objects on a real API server, which refuses any field that it does not know. */
export async function createObjects(kubeconfig: string, objects: readonly KubernetesObject[]): Promise<void> {
  const api = await ApiServer.connect(kubeconfig);
  try {
    for (const object of objects) {
      const plural = PLURALS[object.kind ?? ''];
      if (plural === undefined) throw new Error(`No plural is known for kind ${object.kind}`);
      const group = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`;
      const namespace = object.metadata?.namespace;
      const path = namespace === undefined ? group : `${group}/namespaces/${namespace}`;
      await api.create(`${path}/${plural}?fieldValidation=Strict`, object);
    }
  } finally {
    api.close();
  }
}

/** Longer than the chaos matrix runs. */
const TOKEN_SECONDS = 4 * 3600;

/** A kubeconfig with which one is this service account, and has no right but its own. */
export async function serviceAccountKubeconfig(
  { kubeconfig, directory }: { kubeconfig: string; directory: string },
  namespace: string,
  name: string,
): Promise<string> {
  const api = await ApiServer.connect(kubeconfig);
  try {
    const { status } = await api.create<{ status: { token: string } }>(
      `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: TOKEN_SECONDS },
      },
    );
    const config = parse(await readFile(kubeconfig, 'utf8')) as { users: { name: string; user: object }[] };
    config.users = config.users.map((user) => ({ ...user, user: { token: status.token } }));
    const file = `${directory}/${namespace}-${name}.kubeconfig.yaml`;
    await writeFile(file, stringify(config, { lineWidth: 0 }), { mode: 0o600 });
    return file;
  } finally {
    api.close();
  }
}

/** `verb group/resource`, for each that a rule grants. */
export function grantsOf(objects: readonly KubernetesObject[], account: string): Set<string> {
  interface Rule {
    readonly apiGroups: string[];
    readonly resources: string[];
    readonly verbs: string[];
  }
  const of = (kind: string) => objects.filter((object) => object.kind?.endsWith(kind) === true);
  const bound = (of('RoleBinding') as { subjects: { name: string }[]; roleRef: { kind: string; name: string } }[])
    .filter(({ subjects }) => subjects.some(({ name }) => name === account))
    .map(({ roleRef }) => `${roleRef.kind}/${roleRef.name}`);
  const rules = objects
    .filter(({ kind, metadata }) => bound.includes(`${kind}/${metadata?.name}`))
    .flatMap((role) => (role as KubernetesObject & { rules: Rule[] }).rules);
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}${group && '/'}${resource}`)),
      ),
    ),
  );
}

/** The same for each request of a user that the API server saw: all of them, or those that it has forbidden. */
export async function requestsOf(
  auditLog: string,
  user: string,
  which: 'all' | 'forbidden' = 'all',
): Promise<Set<string>> {
  interface AuditEvent {
    readonly verb: string;
    readonly user: { readonly username: string };
    readonly impersonatedUser?: { readonly username: string };
    readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string };
    readonly responseStatus?: { readonly code?: number };
  }
  const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line.includes(user));
  return new Set(
    lines
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter((event) => event.user.username === user)
      .filter(({ responseStatus }) => which === 'all' || responseStatus?.code === 403)
      .flatMap(({ verb, impersonatedUser, objectRef: { apiGroup = '', resource, subresource } = {} }) =>
        // What it did as another user it did with the rights of that user.
        impersonatedUser !== undefined
          ? ['impersonate serviceaccounts']
          : resource === undefined
            ? []
            : [`${verb} ${apiGroup}${apiGroup && '/'}${resource}${subresource === undefined ? '' : `/${subresource}`}`],
      ),
  );
}
