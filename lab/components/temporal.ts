import type { LabBase } from '../base.ts';
import { freePorts } from '../ports.ts';

export interface TemporalOptions {
  readonly binary: string;
  /** Keep its state in a file, so that it survives a restart. @default false */
  readonly persist?: boolean;
  /** Limits and switches by their names. */
  readonly dynamicConfig?: Readonly<Record<string, number | boolean | string>>;
}

export interface Temporal {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
}

/** As `temporal-spark setup` registers them. */
export const SEARCH_ATTRIBUTES = ['SparkApplicationName', 'SparkNamespace', 'SparkState', 'SparkPipeline'] as const;

/** Temporal's development server with its UI; our search attributes are registered in its namespace. */
export async function startTemporal(base: LabBase, options: TemporalOptions): Promise<Temporal> {
  const [port, uiPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const namespace = 'default';
  const uiUrl = `http://127.0.0.1:${uiPort}`;
  await base.step('temporal', () =>
    base.supervisor.start({
      name: 'temporal',
      command: options.binary,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
        ...['--namespace', namespace, '--log-level', 'error'],
        ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
        ...Object.entries(options.dynamicConfig ?? {}).flatMap(([name, value]) => [
          '--dynamic-config-value',
          `${name}=${JSON.stringify(value)}`,
        ]),
        ...(options.persist === true ? ['--db-filename', base.path('temporal.db')] : []),
      ],
      ready: (signal) => checkTemporal(address, namespace, uiUrl, signal),
    }),
  );
  return { address, namespace, uiUrl };
}

async function checkTemporal(address: string, namespace: string, uiUrl: string, signal: AbortSignal): Promise<void> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address, connectTimeout: 1000 });
  try {
    await connection.withAbortSignal(signal, () => connection.workflowService.describeNamespace({ namespace }));
  } finally {
    await connection.close();
  }
  const ui = await fetch(uiUrl, { signal });
  await ui.body?.cancel();
  if (!ui.ok) throw new Error(`${uiUrl}: HTTP status ${ui.status}`);
}
