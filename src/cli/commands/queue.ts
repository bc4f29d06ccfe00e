import type { Command } from 'commander';
import { describeLimits } from '../../protocol/describe-admission.ts';
import type { AdmissionRequest, AdmissionStatus } from '../../protocol/index.ts';
import { ExitCode } from '../exit-code.ts';
import { addTemporalFlags, outputFlag, type CommandContext, type OutputFlags, type TemporalFlags } from '../flags.ts';
import { printable } from '../output/printable.ts';
import { withTemporal } from '../temporal.ts';

export function declareQueue(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('queue'))
    .description('Show admitted and waiting applications of a pool with limits')
    .argument('[pool]', 'Name of the pool (default: all pools with a queue)')
    .addOption(outputFlag())
    .action(async (pool: string | undefined, flags: TemporalFlags & OutputFlags) => end(await queue(pool, flags)));
}

async function queue(name: string | undefined, flags: TemporalFlags & OutputFlags): Promise<ExitCode> {
  return withTemporal(flags, async ({ spark }) => {
    const names = name === undefined ? await spark.queues.list() : [name];
    const found = (await Promise.all(names.map((each) => spark.queues.describe(each)))).filter(
      (each) => each !== undefined,
    );
    if (flags.output === 'json') console.log(JSON.stringify(found));
    else if (found.length === 0) console.log(printable(nothingIn(name)));
    else console.log(printable(found.map(text).join('\n\n')));
    return ExitCode.Ok;
  });
}

/** An empty queue has no workflow, so that it is as a name of no pool. */
const nothingIn = (name: string | undefined): string =>
  name === undefined
    ? 'All queues are empty.'
    : `No application is in queue ${name}: it is empty, or no pool has this name.`;

function text({ queue: name, limits, admitted, waiting, more }: AdmissionStatus): string {
  const all = {
    admitted: admitted.length + (more?.admitted ?? 0),
    waiting: waiting.length + (more?.waiting ?? 0),
  };
  return [
    `Queue ${name}: ${all.admitted} admitted, ${all.waiting} waiting; limits: ${describeLimits(limits)}`,
    ...admitted.map((request) => line('in', request)),
    ...waiting.map((request, index) => line(String(index + 1), request)),
    ...(more === undefined ? [] : [`    …  ${more.admitted + more.waiting} more`]),
  ].join('\n');
}

function line(place: string, { workflowId, namespace, priority, since }: AdmissionRequest): string {
  return `${place.padStart(5)}  ${workflowId.padEnd(44)} ${namespace.padEnd(20)} priority ${String(priority).padEnd(6)} since ${since}`;
}
