import { normalise, type NormalObjects } from '../../../src/submitters/compare/index.ts';
import type { ConfigMap, KubernetesObject, Pod } from '../../../src/kubernetes/objects.ts';
import type { Scenario } from './scenarios.ts';
import { sparkHome } from '../../../lab/spark-home.ts';
import { sparkSubmit } from './spark-submit.ts';
import type { SparkSubmitJvm } from './spark-submit-jvm.ts';
import type { RecordingStub } from './recording-stub.ts';

/** What the real spark-submit made of a scenario. */
export interface Recording extends NormalObjects {
  /** What the names started with that Spark generated; its unique part is `unique`. */
  readonly prefix: string;
}

export const recordingFile = (version: string, scenario: string): URL =>
  new URL(`recordings/${version}/${scenario}.golden.json`, import.meta.url);

/** @param submit @default a spark-submit of its own */
export async function record(
  stub: RecordingStub,
  version: string,
  scenario: Scenario,
  submit?: SparkSubmitJvm['submit'],
): Promise<Recording> {
  stub.take();
  const submission = { ...scenario, sparkVersion: version };
  await (submit === undefined
    ? sparkSubmit(await sparkHome(version), stub.url, submission)
    : submit(stub.url, submission));
  const objects = stub.take();
  const pod = objects.find(({ kind }) => kind === 'Pod') as Pod | undefined;
  if (pod === undefined) throw new Error('spark-submit created no pod');
  const prefix = prefixOf(pod, objects, scenario);
  const dependents = objects.filter((object) => object !== pod).map((object) => lasting(object, stub.url));
  return { prefix: prefix.replace(/[0-9a-f]{15,17}$/, 'unique'), ...normalise(pod, dependents, prefix) };
}

/** Without what is the stub's or the moment's, so that recordings can be compared. */
function lasting(object: KubernetesObject, url: string): KubernetesObject {
  const { data } = object as ConfigMap;
  const properties = data?.['spark.properties'];
  if (properties === undefined) return object;
  const replaced = properties
    .replaceAll(url.replaceAll(':', '\\:'), 'API_SERVER')
    .replace(/^(spark\.app\.submitTime=)\d+$/m, '$1SUBMIT_TIME');
  return { ...object, data: { ...data, 'spark.properties': replaced } } as KubernetesObject;
}

function prefixOf(pod: Pod, objects: readonly KubernetesObject[], { conf }: Scenario): string {
  return conf['spark.kubernetes.driver.pod.name'] === undefined
    ? pod.metadata!.name!.replace(/-driver$/, '')
    : objects.find(({ kind }) => kind === 'Service')!.metadata!.name!.replace(/-driver-svc$/, '');
}
