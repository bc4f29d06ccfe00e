import type { Client } from '@temporalio/client';

/** A client of a Temporal server that describes its namespace `default` only. */
export function namespaceClient(describe: () => Promise<{ readonly id?: string }>): Client {
  const describeNamespace = async () => ({ namespaceInfo: await describe() });
  return {
    connection: {},
    options: { namespace: 'default' },
    workflowService: { describeNamespace },
    withAbortSignal: <R>(_: AbortSignal, call: () => Promise<R>) => call(),
  } as unknown as Client;
}

/** Of a namespace with an ID. */
export const knownNamespace = (): Client => namespaceClient(() => Promise.resolve({ id: 'ours' }));
