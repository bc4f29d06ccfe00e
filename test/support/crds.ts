import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { crdFile } from '../../scripts/crds.ts';
import {
  isKubernetesError,
  KubernetesErrorType,
  type CustomObject,
  type KubernetesClient,
  type Resource,
} from '../../src/kubernetes/index.ts';

const crds: Resource<CustomObject> = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

/** Makes the API server serve the resources, as the chart does; harmless where it does already. */
export async function installCrds(kubernetes: KubernetesClient): Promise<void> {
  for (const file of ['sparkapplications.yaml', 'scheduledsparkapplications.yaml', 'sparkconnects.yaml']) {
    const crd = parse(readFileSync(crdFile(file), 'utf8')) as CustomObject;
    await kubernetes.create(crds, crd).catch((error: unknown) => {
      if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
    });
    await eventually(`${file} to be established`, async () => {
      const found = await kubernetes.get(crds, undefined, crd.metadata!.name!);
      const conditions = (found?.status?.['conditions'] ?? []) as { type: string; status: string }[];
      return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
    });
  }
}
