import type { WriteStream } from 'node:tty';
import type { OutputFlags } from '../flags.ts';
import { printableLine } from './printable.ts';

type Terminal = Pick<WriteStream, 'isTTY' | 'write' | 'columns' | 'rows'>;

/** Moving lines at once; those of further applications are counted. */
const LINES = 5;

/** What a command that follows prints: lines that stay, and below them one line for each object it follows. */
export interface FollowOutput {
  /** Prints a line that stays. */
  readonly print: (line: string) => void;
  /** Draws the line of an object again; undefined removes it. On a terminal only. */
  readonly move: (object: string, line: string | undefined) => void;
  /** Removes the lines of all objects. */
  readonly end: () => void;
}

/** Prints lines for people: on standard error where standard output has the result as JSON. */
export function printFor(output: OutputFlags['output']): (line: string) => void {
  return (line) => (output === 'json' ? console.error(line) : console.log(line));
}

/** @param stream default: standard output, or standard error as `printFor` has it */
export async function followOutput(
  output: OutputFlags['output'],
  stream: Terminal = output === 'json' ? process.stderr : process.stdout,
): Promise<FollowOutput> {
  if (!stream.isTTY) return { print: printFor(output), move: () => undefined, end: () => undefined };
  const { createLogUpdate } = await import('log-update');
  const terminal = createLogUpdate(stream as WriteStream);
  const lines = new Map<string, string>();

  function draw(): void {
    if (lines.size === 0) {
      terminal.clear();
      // Shows the cursor again.
      terminal.done();
      return;
    }
    const shown = [...lines.values()].slice(0, LINES).map((line) => fit(line, stream.columns));
    const further = lines.size - shown.length;
    terminal([...shown, ...(further === 0 ? [] : [`… and ${further} more`])].join('\n'));
  }

  return {
    print(line) {
      terminal.persist(line);
      if (lines.size > 0) draw();
    },
    move(object, line) {
      if (line === undefined) {
        if (!lines.delete(object)) return;
      } else {
        lines.set(object, line);
      }
      draw();
    },
    end() {
      if (lines.size === 0) return;
      lines.clear();
      draw();
    },
  };
}

/** A line that wraps would take the place of another object's. */
function fit(line: string, columns: number): string {
  const plain = printableLine(line);
  return plain.length > columns ? `${plain.slice(0, columns - 1)}…` : plain;
}
