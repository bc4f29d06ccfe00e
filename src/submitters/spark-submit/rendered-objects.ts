import type { ConfigMap, KubernetesObject, Pod } from '../../kubernetes/objects.ts';
import type { DriverObjects } from '../../spark/index.ts';
import { ownerReferencesOf, withLabels } from '../../spark/driver/protection.ts';
import { writeProperties } from '../../spark/driver/write-properties.ts';
import { readJavaProperties } from '../../spark/spark-submit-cli/java-properties.ts';
import type { SubmissionRequest } from '../contract.ts';

/** What Spark makes of a random prefix; each name that starts with one is `{prefix}-{kind}`. */
const GENERATED =
  /^(.+-[0-9a-f]{14,18})-(?:driver-svc|policy|driver-podspec-conf-map|driver-pvc-\d+|hadoop-config|krb5-file|kerberos-keytab|delegation-tokens|kubernetes-credentials)$/;

/**
 * What one run of spark-submit would have created, under the names that the attempt decides: another run makes the same
 * objects. Undefined without a pod among them.
 *
 * @param forSubmission properties that were for the submission alone; the driver gets them as given here, or not at all
 */
export function renderedObjects(
  recorded: readonly KubernetesObject[],
  { submission, identity }: SubmissionRequest,
  forSubmission: Readonly<Record<string, string | undefined>>,
): DriverObjects | undefined {
  const objects = renamed(latestOfEach(recorded), identity);
  const pod = objects.find(({ kind }) => kind === 'Pod') as Pod | undefined;
  if (pod === undefined) return undefined;
  const inNamespace = <T extends KubernetesObject>({
    metadata: { ownerReferences: _, ...metadata } = {},
    ...rest
  }: T) => withLabels({ ...rest, metadata: { ...metadata, namespace: submission.namespace } } as T, identity.labels);
  return {
    pod: protectedPod(inNamespace(pod), identity),
    dependents: objects
      .filter((object) => object !== pod)
      .map((object) => inNamespace(withProperties(object, forSubmission))),
  };
}

/** What Spark creates before the driver it applies again with the driver as its owner. */
function latestOfEach(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return [
    ...new Map(
      objects.map((object) => [`${object.apiVersion}/${object.kind}/${object.metadata?.name}`, object]),
    ).values(),
  ];
}

function renamed(
  objects: readonly KubernetesObject[],
  { resourceNamePrefix, sparkApplicationId }: SubmissionRequest['identity'],
): KubernetesObject[] {
  const names = objects.map(({ metadata }) => metadata?.name ?? '');
  const applicationId = objects.find(({ kind }) => kind === 'Pod')?.metadata?.labels?.['spark-app-selector'];
  const replacements = [
    ...names
      .filter((name) => /^spark-drv-.*-conf-map$/.test(name))
      .map((name) => [name, `${resourceNamePrefix}-driver-conf-map`]),
    ...new Set(names.flatMap((name) => GENERATED.exec(name)?.[1] ?? [])),
  ].map((each) => (typeof each === 'string' ? [each, resourceNamePrefix] : each));
  if (applicationId !== undefined) replacements.push([applicationId, sparkApplicationId]);
  // All of them are names by the rules of DNS, before and after: nothing in them that JSON or properties escape.
  const text = replacements.reduce((all, [from, to]) => all.replaceAll(from!, to!), JSON.stringify(objects));
  return JSON.parse(text) as KubernetesObject[];
}

function protectedPod(pod: Pod, identity: SubmissionRequest['identity']): Pod {
  const { metadata = {}, spec } = pod;
  const containers = spec?.containers ?? [];
  // Spark puts its own container last.
  const driver = containers.at(-1);
  return {
    ...pod,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, ...identity.annotations },
      finalizers: [...new Set([...(metadata.finalizers ?? []), ...identity.finalizers])],
      ...ownerReferencesOf(identity),
    },
    spec: {
      ...spec,
      enableServiceLinks: spec?.enableServiceLinks ?? false,
      containers: [
        ...containers.slice(0, -1),
        ...(driver === undefined
          ? []
          : [{ ...driver, terminationMessagePolicy: driver.terminationMessagePolicy ?? 'FallbackToLogsOnError' }]),
      ],
    },
  };
}

function withProperties(
  object: KubernetesObject,
  forSubmission: Readonly<Record<string, string | undefined>>,
): KubernetesObject {
  const { data, ...rest } = object as ConfigMap;
  const file = data?.['spark.properties'];
  if (object.kind !== 'ConfigMap' || file === undefined) return object;
  const properties = Object.fromEntries(readJavaProperties(file));
  for (const [key, value] of Object.entries(forSubmission)) {
    if (value === undefined) delete properties[key];
    else properties[key] = value;
  }
  const comment = `Java properties built from Kubernetes config map with name: ${object.metadata!.name}`;
  return { ...rest, data: { ...data, 'spark.properties': writeProperties(properties, comment) } } as ConfigMap;
}
