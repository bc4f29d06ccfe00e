import { inspect } from 'node:util';

const CONSOLE = ['debug', 'dir', 'error', 'info', 'log', 'trace', 'warn'] as const;

/** All of a value: what is not enumerable, what getters give, and what caused it, too. */
export function allOf(value: unknown): string {
  return inspect(value, {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
    maxStringLength: null,
  });
}

/** Runs the body and returns what this process wrote meanwhile to its console and its standard streams, which still get it. */
export async function outputOf(body: () => Promise<unknown>): Promise<string> {
  let output = '';
  const restore: (() => void)[] = [];
  const listen = <T extends object, K extends keyof T>(target: T, name: K, textOf: (args: unknown[]) => string) => {
    const original = target[name] as (...args: unknown[]) => unknown;
    const listening = (...args: unknown[]): unknown => {
      output += `${textOf(args)}\n`;
      return original.apply(target, args);
    };
    target[name] = listening as T[K];
    restore.push(() => (target[name] = original as T[K]));
  };
  for (const stream of [process.stdout, process.stderr]) {
    listen(stream, 'write', ([chunk]) =>
      typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString(),
    );
  }
  // Test runners give the console their own streams.
  for (const name of CONSOLE) listen(console, name, (args) => args.map(allOf).join(' '));
  try {
    await body();
    return output;
  } finally {
    restore.forEach((undo) => undo());
  }
}
