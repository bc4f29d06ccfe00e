import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A function of `src/` that ran. */
export interface Ran {
  /** Relative to `src/`. */
  readonly file: string;
  readonly name: string;
  readonly count: number;
}

/** By function. */
export type Runs = ReadonlyMap<string, Ran>;

const src = join(import.meta.dirname, '..', '..', 'src');

/** Counts how often each function of `src/` runs in this process, also in the sandbox of workflows. */
export class Coverage {
  private readonly session: Session;
  private readonly bundle: Bundle;

  private constructor(session: Session, bundle: Bundle) {
    this.session = session;
    this.bundle = bundle;
  }

  /** @param bundlePath code of the workflows, as webpack writes it */
  static async start(bundlePath: string): Promise<Coverage> {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    return new Coverage(session, new Bundle(bundlePath));
  }

  /** What ran since the previous call. The code of a module outside of its functions does not count. */
  async take(): Promise<Runs> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    const runs = new Map<string, Ran>();
    for (const { url, functions } of result) {
      const isBundle = url.endsWith(this.bundle.path);
      if (!isBundle && !url.startsWith('file:')) continue;
      for (const { functionName: name, ranges } of functions) {
        const { startOffset: start = 0, count = 0 } = ranges[0] ?? {};
        const file = isBundle ? this.bundle.fileOf(start) : fileOf(url, start, name);
        if (count === 0 || file === undefined) continue;
        const key = `${url} ${start}`;
        runs.set(key, { file, name, count: count + (runs.get(key)?.count ?? 0) });
      }
    }
    return runs;
  }
}

/** The functions that ran more often than in the other runs. */
export const without = (runs: Runs, others: Runs): Ran[] =>
  [...runs].flatMap(([key, ran]) => (ran.count > (others.get(key)?.count ?? 0) ? [ran] : []));

/** The whole of a module is a function without a name that begins where the module does. */
function fileOf(url: string, start: number, name: string): string | undefined {
  const path = relative(src, fileURLToPath(url));
  return path.startsWith('..') || (start === 0 && name === '') ? undefined : path;
}

/** Which file the functions of a bundle are from. */
class Bundle {
  readonly path: string;
  private readonly code: string;
  private readonly modules: readonly { readonly start: number; readonly file: string }[];

  constructor(path: string) {
    this.path = path;
    this.code = readFileSync(path, 'utf8');
    // Webpack writes such a title above the function of each module.
    const titles = this.code.matchAll(/^ {2}!\*\*\* (\S+) \*\*\*!$/gm);
    this.modules = [...titles].map(({ index, 1: file }) => ({ start: index, file: file! }));
  }

  /** Undefined outside of `src/`, and for what webpack adds: a function that returns an export. */
  fileOf(start: number): string | undefined {
    const file = this.modules.findLast((each) => each.start < start)?.file;
    const isExport = /^\(\) => \(\/\* (?:binding|reexport)/.test(this.code.slice(start, start + 30));
    return file?.startsWith('./src/') === true && !isExport ? file.slice('./src/'.length) : undefined;
  }
}
