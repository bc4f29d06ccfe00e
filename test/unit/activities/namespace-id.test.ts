import { describe, expect, it } from 'vitest';
import { identified } from '../../../src/activities/namespace-id.ts';
import { attemptIdentity } from '../../../src/spark/index.ts';
import { Annotation } from '../../../src/spark/metadata.ts';
import { knownNamespace, namespaceClient } from '../../support/temporal-namespace.ts';

const identity = attemptIdentity({
  ...{ workflowId: 'spark/default/pi', firstRunId: 'first', attempt: 1, temporalNamespace: 'default' },
  ...{ applicationName: 'pi', driverPodName: 'pi-driver', submitTime: 0 },
});

/** An error of gRPC. */
const refused = (code: number) => Object.assign(new Error(`${code}`), { code, details: '', metadata: {} });

describe('a driver', () => {
  it('has the ID of its Temporal namespace', async () => {
    const { annotations } = await identified(identity, knownNamespace());
    expect(annotations).toEqual({ ...identity.annotations, [Annotation.TemporalNamespaceId]: 'ours' });
  });

  it.each([7, 12])('has none where the server does not answer that: gRPC status %i', async (code) => {
    const client = namespaceClient(() => Promise.reject(refused(code)));
    expect(await identified(identity, client)).toBe(identity);
  });

  it('is not created while Temporal cannot be asked, and the next try asks again', async () => {
    let isUp = false;
    const client = namespaceClient(() => (isUp ? Promise.resolve({ id: 'ours' }) : Promise.reject(refused(14))));
    await expect(identified(identity, client)).rejects.toThrow(
      'cannot read the ID of Temporal namespace "default": 14; the submission is tried again',
    );
    isUp = true;
    expect((await identified(identity, client)).annotations).toHaveProperty([Annotation.TemporalNamespaceId], 'ours');
  });
});
