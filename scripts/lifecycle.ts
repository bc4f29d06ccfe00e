/**
 * `node scripts/lifecycle.ts`: writes the tables of docs/lifecycle.md that come from src/workflows/application/phase.ts.
 * A test compares them.
 *
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ApplicationRequest } from '../src/protocol/index.ts';
import { Phase, possibleRequests, states, Wish } from '../src/workflows/application/phase.ts';

export const lifecycleFile: string = join(import.meta.dirname, '..', 'docs', 'lifecycle.md');

const phases: Readonly<Record<Phase, string>> = {
  [Phase.Submitting]: 'is being submitted',
  [Phase.Resubmitting]: 'is being submitted, the first time after a suspend',
  [Phase.Queued]: 'waits in the queue of its pool',
  [Phase.Starting]: 'has a driver pod that does not run yet',
  [Phase.Running]: 'has a driver that runs',
  [Phase.Unseen]: 'has a driver whose node is NotReady',
  [Phase.Stopping]: 'is being stopped by a request',
  [Phase.Refused]: 'could not be submitted',
  [Phase.Succeeded]: 'has succeeded, and its finalizer is being removed',
  [Phase.Failed]: 'has failed, and its finalizer is being removed',
  [Phase.Delayed]: 'is over, and the next one is due after a delay',
  [Phase.Parked]: 'does not exist: the application was suspended',
  [Phase.Completed]: 'was the last one, and succeeded',
  [Phase.GivenUp]: 'was the last one, and failed',
  [Phase.Cancelled]: 'was the last one: a kill or a cancel',
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** The state by what the attempt does and what people want; "as it was" where that changes nothing. */
function stateTable(): string {
  const rows = Object.values(Phase).map((phase) => [
    phases[phase],
    ...Object.values(Wish).map((wish) => states[phase][wish] ?? 'as it was'),
  ]);
  return table(['the attempt', 'run', 'suspended', 'killed or cancelled'], rows);
}

function requestTable(): string {
  const rows = Object.values(ApplicationRequest).map((request) => {
    const possible = Object.entries(possibleRequests).filter(([, requests]) => requests.includes(request));
    return [`\`${request}\``, possible.map(([state]) => state).join(', ')];
  });
  return table(['update', 'allowed in'], rows);
}

/** The page with the tables as they must be. */
export async function renderLifecycle(page: string): Promise<string> {
  const between = (text: string, name: string, content: string): string => {
    const [begin, end] = [`<!-- ${name}: written by scripts/lifecycle.ts -->`, `<!-- end of ${name} -->`];
    const [before, after] = [text.indexOf(begin), text.indexOf(end)];
    if (before < 0 || after < before)
      throw new Error(`docs/lifecycle.md has no place for the ${name}: ${begin} … ${end}`);
    return `${text.slice(0, before)}${begin}\n\n${content}\n\n${text.slice(after)}`;
  };
  const written = between(between(page, 'states', stateTable()), 'requests', requestTable());
  return format(written, { ...(await resolveConfig(lifecycleFile)), parser: 'markdown' });
}

if (import.meta.filename === process.argv[1]) {
  await writeFile(lifecycleFile, await renderLifecycle(await readFile(lifecycleFile, 'utf8')));
}
