import { expect, it } from 'vitest';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { KubernetesObject, OwnerReference, Pod } from '../../../src/kubernetes/objects.ts';
import { ensureOwned } from '../../../src/submitters/index.ts';

const owner = (kind: string, uid: string): OwnerReference => ({ apiVersion: 'v1', kind, name: 'pi', uid });
const driver: Pod = {
  ...{ apiVersion: 'v1', kind: 'Pod' },
  metadata: {
    ...{ name: 'pi-driver', namespace: 'etl', uid: 'driver' },
    ownerReferences: [owner('SparkApplication', 'resource')],
  },
};

/** Where an object of that name exists. */
function ensured(kind: string, ownerReferences: OwnerReference[]): Promise<void> {
  const metadata = { name: 'pi-ui-svc', namespace: 'etl' };
  const kubernetes = {
    create: async () => {
      throw new KubernetesError({ type: KubernetesErrorType.AlreadyExists, message: 'exists' });
    },
    get: async (): Promise<KubernetesObject> => ({ metadata: { ...metadata, ownerReferences } }),
  } as unknown as KubernetesClient;
  return ensureOwned(kubernetes, driver, { apiVersion: 'v1', kind, metadata }, new AbortController().signal);
}

it('keeps what belongs to the driver, and the Service that another operator made for its resource', async () => {
  await ensured('ConfigMap', [owner('Pod', 'driver')]);
  await ensured('Service', [owner('SparkApplication', 'resource')]);
});

it('waits for what belongs to a previous driver, and names what another operator has left', async () => {
  await expect(ensured('Service', [owner('Pod', 'previous')])).rejects.toMatchObject({
    ...{ type: KubernetesErrorType.Conflict, retryable: true },
    message: expect.stringContaining('if it belongs to a previous driver, it is being deleted') as string,
  });
  await expect(ensured('ConfigMap', [owner('SparkApplication', 'resource')])).rejects.toThrow(
    'another operator made it for this SparkApplication: delete it',
  );
});
