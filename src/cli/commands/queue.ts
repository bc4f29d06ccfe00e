import { describeLimits, type AdmissionRequest, type AdmissionStatus } from '../../protocol/index.ts';
import { ExitCode } from '../exit-code.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';

/** Prints who is let onto a pool and who waits, of one queue or of all. */
export async function queue(
  name: string | undefined,
  options: TemporalOptions & { readonly output: 'text' | 'json' },
): Promise<ExitCode> {
  return withTemporal(options, async ({ spark }) => {
    const names = name === undefined ? await spark.queues.list() : [name];
    const found = (await Promise.all(names.map((each) => spark.queues.describe(each)))).filter(
      (each) => each !== undefined,
    );
    if (options.output === 'json') console.log(JSON.stringify(found));
    else if (found.length === 0) console.log(`Nobody is in ${name === undefined ? 'a queue' : `the queue ${name}`}.`);
    else console.log(found.map(text).join('\n\n'));
    return ExitCode.Ok;
  });
}

function text({ queue: name, limits, admitted, waiting }: AdmissionStatus): string {
  return [
    `Queue ${name}: ${admitted.length} in, ${waiting.length} waiting; limits: ${describeLimits(limits)}`,
    ...admitted.map((request) => line('in', request)),
    ...waiting.map((request, index) => line(String(index + 1), request)),
  ].join('\n');
}

function line(place: string, { workflowId, namespace, priority, since }: AdmissionRequest): string {
  return `${place.padStart(5)}  ${workflowId.padEnd(44)} ${namespace.padEnd(20)} priority ${String(priority).padEnd(6)} since ${since}`;
}
