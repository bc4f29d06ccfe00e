import type { KubernetesObject } from '../../kubernetes/objects.ts';
import type { SubmissionRequest } from '../../submitters/index.ts';
import { nameOf, type Trial } from './trial.ts';
import { expect, expectEqual } from './violation.ts';

/** All objects other than the driver have the requested labels, and the driver as their only owner. */
export async function expectComplete(trial: Trial, request: SubmissionRequest): Promise<void> {
  const { metadata } = await trial.driver(request);
  const dependents = (await trial.objectsOf(request)).filter((object) => object.metadata!.uid !== metadata!.uid);
  expect(dependents.length > 0, 'a driver needs a Service and a ConfigMap, and neither was created');
  const owner = { apiVersion: 'v1', kind: 'Pod', name: metadata!.name, uid: metadata!.uid };
  for (const dependent of dependents) {
    expectLabels(request, dependent);
    const owners = dependent.metadata!.ownerReferences?.map(({ apiVersion, kind, name, uid }) => {
      return { apiVersion, kind, name, uid };
    });
    expectEqual(`owners of ${dependent.kind} ${dependent.metadata!.name}`, owners, [owner]);
    // While its finalizer holds the driver, the driver and what it owns would block each other's deletion.
    const blocks = dependent.metadata!.ownerReferences?.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);
    expect(blocks !== true, `${dependent.kind} ${dependent.metadata!.name} blocks the deletion of the driver`);
  }
  expectEqual('objects in other namespaces', await trial.elsewhere(request), []);
}

export function expectLabels({ identity }: SubmissionRequest, object: KubernetesObject): void {
  for (const [key, value] of Object.entries(identity.labels)) {
    expectEqual(`label ${key} of ${nameOf(object)}`, object.metadata!.labels?.[key], value);
  }
}
