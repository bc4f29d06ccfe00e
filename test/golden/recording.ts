import type { KubernetesObject, Pod } from '../../src/kubernetes/objects.ts';
import { normalise, type NormalObjects } from './normalise.ts';
import type { Scenario } from './scenarios.ts';
import { sparkHome } from '../../lab/spark-home.ts';
import { sparkSubmit } from './spark-submit.ts';
import type { RecordingStub } from './recording-stub.ts';

/** What the real spark-submit made of a scenario. */
export interface Recording extends NormalObjects {
  /** What the names started with that Spark generated; its unique part is `unique`. */
  readonly prefix: string;
}

export const recordingFile = (version: string, scenario: string): URL =>
  new URL(`recordings/${version}/${scenario}.golden.json`, import.meta.url);

export async function record(stub: RecordingStub, version: string, scenario: Scenario): Promise<Recording> {
  const home = await sparkHome(version);
  stub.take();
  await sparkSubmit(home, stub.url, { ...scenario, sparkVersion: version });
  const objects = stub.take();
  const pod = objects.find(({ kind }) => kind === 'Pod') as Pod | undefined;
  if (pod === undefined) throw new Error('spark-submit created no pod');
  const prefix = prefixOf(pod, objects, scenario);
  return {
    prefix: prefix.replace(/[0-9a-f]{15,17}$/, 'unique'),
    ...normalise(
      pod,
      objects.filter((object) => object !== pod),
      prefix,
    ),
  };
}

function prefixOf(pod: Pod, objects: readonly KubernetesObject[], { conf }: Scenario): string {
  return conf['spark.kubernetes.driver.pod.name'] === undefined
    ? pod.metadata!.name!.replace(/-driver$/, '')
    : objects.find(({ kind }) => kind === 'Service')!.metadata!.name!.replace(/-driver-svc$/, '');
}
