import { once } from 'node:events';
import type { ApplicationLogs } from '../../../client/index.ts';
import type { KubernetesClient } from '../../../kubernetes/index.ts';
import {
  openLogArchive,
  type ArchiveStore,
  type FindLogOptions,
  type FoundLog,
  type LogSource,
} from '../../../logs/index.ts';
import { connectCluster } from '../../connect-cluster.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { findApplication } from '../../find-application.ts';
import type { ClusterFlags, NamespaceFlags, TemporalFlags } from '../../flags.ts';
import { printable } from '../../output/printable.ts';
import { withTemporal } from '../../temporal.ts';
import { lastLines, linesOf, selected } from './lines.ts';
import { present } from '../../../validation/present.ts';

export interface LogsFlags extends TemporalFlags, NamespaceFlags, ClusterFlags {
  readonly follow: boolean;
  readonly executor?: number;
  readonly all?: boolean;
  readonly attempt?: number;
  readonly tail?: number;
  /** Milliseconds. */
  readonly since?: number;
  readonly grep?: string;
  readonly source?: LogSource;
  readonly archive?: string;
}

/** Prints logs to standard output, byte by byte as the container wrote them, and their source to standard error. */
export async function logs(application: string, flags: LogsFlags): Promise<ExitCode> {
  const matches = await matcherOf(flags.grep);
  const archive = await archiveOf(flags.archive);
  const clients: Promise<KubernetesClient>[] = [];
  const kubernetes = (cluster: string | undefined) => {
    const client = connectCluster(flags, cluster);
    clients.push(client);
    return client;
  };
  try {
    return await withTemporal(flags, async (temporal) => {
      const workflowId = await findApplication(temporal, application, { command: 'logs', ...flags });
      const { attempt } = flags;
      const found = await temporal.spark.logs(workflowId, { kubernetes, ...present({ archive, attempt }) });
      const print = (log: FoundLog, mark: string) => printLog(log, { mark, matches, tail: flags.tail });
      await printAll(found, flags, print);
      return ExitCode.Ok;
    });
  } finally {
    archive?.close();
    for (const client of await Promise.allSettled(clients)) if (client.status === 'fulfilled') client.value.close();
  }
}

async function printAll(
  logs: ApplicationLogs,
  { all, executor, follow, since, tail, source }: LogsFlags,
  print: (log: FoundLog, mark: string) => Promise<void>,
): Promise<void> {
  const options: FindLogOptions = {
    follow,
    ...present({ tailLines: tail, source, since: since === undefined ? undefined : new Date(Date.now() - since) }),
  };
  if (executor !== undefined) return print(await logs.executor(String(executor), options), '');
  if (all !== true) return print(await logs.driver(options), '');
  const executors = await logs.executors();
  const driver = print(await logs.driver(options), '[driver] ');
  const others = executors.map(async (id) => {
    const log = await logs.executor(id, options).catch(ignoreMissing);
    if (log !== undefined) await print(log, `[executor ${id}] `);
  });
  await Promise.all([driver, ...others]);
}

/** An executor may be gone as soon as it was listed; the logs of the others are printed. */
function ignoreMissing(error: Error): undefined {
  if (error.name !== 'LogNotFoundError') throw error;
  console.error(printable(error.message));
}

interface PrintOptions {
  /** Before each line. */
  readonly mark: string;
  readonly matches: ((line: string) => boolean) | undefined;
  readonly tail: number | undefined;
}

async function printLog(log: FoundLog, { mark, matches, tail }: PrintOptions): Promise<void> {
  const why = log.passedOver.map((reason) => ` (${reason})`).join('');
  console.error(printable(`${mark}Log from ${log.location}${why}`));
  if (log.ignored.includes('since')) console.error(`${mark}--since is ignored: the ${log.source} has no times.`);
  const isWhole = mark === '' && matches === undefined;
  const tailed = log.ignored.includes('tailLines') ? lastLines(linesOf(log), tail!) : undefined;
  if (isWhole) return write(tailed ?? log);
  await write(selected(tailed ?? linesOf(log), matches ?? (() => true), mark));
}

/** Until the reader of standard output, such as `head`, has read enough. */
async function write(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const { stdout } = process;
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error: NodeJS.ErrnoException) => (failure = error));
  try {
    for await (const chunk of bytes) {
      if (failure !== undefined) throw failure;
      if (!stdout.write(chunk)) await once(stdout, 'drain');
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** RE2, whose time is linear in the length of a line, whatever the expression. */
async function matcherOf(expression: string | undefined): Promise<((line: string) => boolean) | undefined> {
  if (expression === undefined) return undefined;
  const { RE2JS } = await import('re2js');
  try {
    const pattern = RE2JS.compile(expression);
    return (line) => pattern.matcher(line).find();
  } catch (error) {
    throw new CliError(
      ExitCode.BadInput,
      `--grep ${expression} is not a valid RE2 expression: ${(error as Error).message}`,
    );
  }
}

async function archiveOf(url: string | undefined): Promise<ArchiveStore | undefined> {
  if (url === undefined) return undefined;
  try {
    return await openLogArchive(url);
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(ExitCode.BadInput, `--archive ${url} ${error.message}.`);
    throw error;
  }
}
