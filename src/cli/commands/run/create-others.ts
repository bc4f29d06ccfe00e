import {
  connectKubernetes,
  isKubernetesError,
  KubernetesErrorType,
  Resources,
  type KubernetesClient,
  type Resource,
} from '../../../kubernetes/index.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import { present } from '../../../validation/present.ts';
import { asRecord, asText } from '../../../validation/unknown-data.ts';
import { CliError, ExitCode } from '../../exit-code.ts';

/** What an application may need. */
const KINDS: readonly Resource[] = [
  Resources.namespaces,
  Resources.serviceAccounts,
  Resources.roles,
  Resources.roleBindings,
  Resources.configMaps,
  Resources.secrets,
  Resources.persistentVolumeClaims,
  Resources.services,
  Resources.ingresses,
  Resources.networkPolicies,
  Resources.podDisruptionBudgets,
  Resources.priorityClasses,
];

interface Other {
  readonly object: KubernetesObject;
  readonly resource: Resource;
  /** Undefined for kinds that are in no namespace. */
  readonly namespace: string | undefined;
  readonly text: string;
}

/** @throws KubernetesError where the cluster cannot be reached; what `createOthers` throws */
export async function createOthersOn(
  kubeContext: string | undefined,
  objects: readonly KubernetesObject[],
  print: (line: string) => void,
): Promise<void> {
  const others = readOthers(objects);
  const kubernetes = await connectKubernetes(kubeContext === undefined ? {} : { context: kubeContext });
  try {
    await createOthers(kubernetes, others, print);
  } finally {
    kubernetes.close();
  }
}

/**
 * The objects of other kinds of a file, namespaces first, else in its order.
 *
 * @throws CliError with every object that cannot be created, before any is
 */
export function readOthers(objects: readonly KubernetesObject[]): readonly Other[] {
  const problems: string[] = [];
  const others = objects.flatMap((object): Other[] => {
    const { apiVersion, kind = '' } = object;
    const metadata = asRecord(object.metadata);
    const name = asText(metadata['name']) ?? '';
    const resource = KINDS.find((known) => known.apiVersion === apiVersion && known.kind === kind);
    if (resource === undefined || name === '') {
      problems.push(
        resource === undefined
          ? `cannot create ${[kind, name].join(' ').trim()} (${apiVersion}): --with-others creates ${KINDS.map((known) => known.kind).join(', ')}; create it with kubectl apply`
          : `cannot create a ${kind} without metadata.name; name it, or create it with kubectl create`,
      );
      return [];
    }
    const namespace = resource.namespaced ? (asText(metadata['namespace']) ?? 'default') : undefined;
    const text = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
    return [
      {
        object: { ...object, metadata: { ...metadata, ...present({ namespace }) } },
        ...{ resource, namespace, text },
      },
    ];
  });
  if (problems.length > 0) throw new CliError(ExitCode.BadInput, problems.join('\n'));
  const isNamespace = ({ resource }: Other): boolean => resource === Resources.namespaces;
  return [...others.filter(isNamespace), ...others.filter((other) => !isNamespace(other))];
}

/**
 * Creates what does not exist; what exists is left unchanged, whatever it contains.
 *
 * @throws KubernetesError for the first that the API server rejects
 */
export async function createOthers(
  kubernetes: Pick<KubernetesClient, 'create'>,
  others: readonly Other[],
  print: (line: string) => void,
): Promise<void> {
  for (const { object, resource, text } of others) {
    try {
      await kubernetes.create(resource, object);
      print(`${text} is created`);
    } catch (error) {
      if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
      print(`${text} exists and is left unchanged`);
    }
  }
}
