import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { NativeConnection } from '@temporalio/worker';
import { eventually } from '../../lab/eventually.ts';
import { dieWithParent } from '../../lab/process.ts';
import { ensureTools } from '../../lab/toolchain/toolchain.ts';
import { tools } from '../../lab/toolchain/tools.ts';
import { SearchAttribute } from '../../src/protocol/index.ts';

/** A Temporal server without a cluster, without its UI and in memory only. It cannot be restarted: see `lab/` for that. */
export interface TemporalServer extends AsyncDisposable {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
  /** For workers. */
  readonly nativeConnection: NativeConnection;
  stop(): Promise<void>;
}

/** Its namespace `default` has our search attributes. */
export async function startTemporalServer(): Promise<TemporalServer> {
  const [binary] = await ensureTools([tools.temporal]);
  const directory = await mkdtemp(join(tmpdir(), 'temporal-server-'));
  try {
    const path = await endingWithThisProcess(binary!, directory);
    const environment = await eventually(
      'the Temporal server',
      () =>
        TestWorkflowEnvironment.createLocal({
          server: {
            executable: { type: 'existing-path', path },
            log: { format: 'pretty', level: 'error' },
            searchAttributes: Object.values(SearchAttribute),
          },
        }),
      // createLocal times out after 5 s, which a busy machine may need.
      { timeoutMs: 60_000 },
    );
    const stop = (): Promise<void> => environment.teardown();
    const { address, client, nativeConnection } = environment;
    const namespace = environment.namespace ?? 'default';
    return { address, namespace, client, nativeConnection, stop, [Symbol.asyncDispose]: stop };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** createLocal takes a path without arguments, and its server would survive a SIGKILL of this process. */
async function endingWithThisProcess(binary: string, directory: string): Promise<string> {
  const prefix = dieWithParent();
  if (prefix.length === 0) return binary;
  const path = join(directory, 'temporal');
  await writeFile(path, `#!/bin/sh\nexec ${prefix.join(' ')} '${binary}' "$@"\n`, { mode: 0o755 });
  return path;
}
