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
    await install(kubernetes, parse(readFileSync(crdFile(file), 'utf8')) as CustomObject);
  }
}

/** Makes it serve GRPCRoutes, whatever is in them; harmless where it does already. */
export async function installGrpcRoutes(kubernetes: KubernetesClient): Promise<void> {
  const group = 'gateway.networking.k8s.io';
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } };
  await install(kubernetes, {
    metadata: {
      name: `grpcroutes.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
    },
    spec: {
      group,
      names: { kind: 'GRPCRoute', listKind: 'GRPCRouteList', plural: 'grpcroutes', singular: 'grpcroute' },
      ...{ scope: 'Namespaced', versions: [version] },
    },
  });
}

async function install(kubernetes: KubernetesClient, crd: CustomObject): Promise<void> {
  const name = crd.metadata!.name!;
  await kubernetes.create(crds, crd).catch((error: unknown) => {
    if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
  });
  await eventually(`${name} to be established`, async () => {
    const found = await kubernetes.get(crds, undefined, name);
    const conditions = (found?.status?.['conditions'] ?? []) as { type: string; status: string }[];
    return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
  });
}
