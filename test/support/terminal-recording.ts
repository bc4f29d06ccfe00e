import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './build.ts';
import { inProcess } from './in-process-cli.ts';

export interface RecordingOptions {
  /** Below docs/recordings, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly introduction: string;
  readonly env: Record<string, string | undefined>;
  /** Texts of this run, and what stands for them: as long, so that columns stay columns. */
  readonly replaced: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** The exit code that it must have. @default 0 */
  readonly code?: number;
  /** Happens while it runs; `shown` is what it has printed so far. */
  readonly meanwhile?: (shown: () => string) => Promise<void>;
  readonly stdin?: string;
}

/** A terminal in which commands run, and the document that shows it. */
export class TerminalRecording {
  private readonly options: RecordingOptions;
  private readonly parts: string[];
  /** The commands since the last sentence, which are one block. */
  private block: string[] = [];

  constructor(options: RecordingOptions) {
    this.options = options;
    this.parts = [
      `# ${options.title}`,
      '<!-- Recorded by test/cluster/recordings.test.ts, which also compares it; do not edit. -->',
      `${options.introduction} The nodes are simulated; the logs are those of real Spark.`,
    ];
  }

  /** A sentence before the next command. */
  say(text: string): void {
    this.endBlock();
    this.parts.push(text);
  }

  /** What the user does besides: it is shown, and the test does it. */
  show(command: string, output = ''): void {
    this.block.push(this.shown(`$ ${command}\n${output}`));
  }

  /**
   * Runs a command line of `temporal-spark` in this process; `> file` at its end writes its standard output to a file.
   *
   * @throws Error with the output, where its exit code is another one
   */
  async run(
    line: string,
    { code: expected = 0, meanwhile = async () => undefined, stdin = '' }: RunOptions = {},
  ): Promise<string> {
    const [command = '', file] = line.split(' > ');
    const words = [...command.replaceAll(/\\\n\s*/g, ' ').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
      .map(([, double, single, bare]) => double ?? single ?? bare!)
      .slice(1);
    let shown = '';
    const running = inProcess(words, { env: this.options.env, stdin, onOutput: (text) => (shown += text) });
    const [{ code, stdout, stderr }] = await Promise.all([running, meanwhile(() => shown)]);
    if (code !== expected) throw new Error(`${line} ended with ${code}, not ${expected}:\n${shown}`);
    if (file !== undefined) await writeFile(file, stdout);
    const output = file === undefined ? shown : stderr;
    this.block.push(this.shown(`$ ${line}\n${output}${code === 0 ? '' : `[exit code ${code}]\n`}`));
    return shown;
  }

  /** Compares the document with the recorded one; with RECORD=1 it is written. */
  async compared(): Promise<{ readonly now: string; readonly recorded: string }> {
    const file = join(root, 'docs', 'recordings', `${this.options.name}.md`);
    this.endBlock();
    const text = `${this.parts.join('\n\n')}\n`;
    if (process.env['RECORD'] === '1') await writeFile(file, text);
    return { now: timeless(text), recorded: timeless(await readFile(file, 'utf8')) };
  }

  private endBlock(): void {
    if (this.block.length > 0) this.parts.push(`\`\`\`console\n${this.block.join('\n')}\`\`\``);
    this.block = [];
  }

  private shown(text: string): string {
    let shown = text.endsWith('\n') ? text : `${text}\n`;
    for (const [own, instead] of Object.entries(this.options.replaced)) shown = shown.replaceAll(own, instead);
    return shown;
  }
}

/** What differs from one recording to the next: times, durations, ids, nodes, and the width of columns with them. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME'],
  [/\b\d{8}T\d{6}Z-[a-z0-9]{5}\b/g, 'RUN'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'ID'],
  [/\b(?:spark-)?[0-9a-f]{16,32}\b/g, 'ID'],
  [/-[0-9a-f]{6}(?=-driver\b|\b)/g, '-ID'],
  [/-[0-9a-f]{8}(?=-driver-svc\b)/g, '-ID'],
  [/^ +\d+ s {2}/gm, 'SECONDS '],
  // Followed states pass between two observations.
  [/^SECONDS (?:\S+ +)?(?:NEW|SUBMITTED|PENDING|RUNNING|SUCCEEDING|FAILING)\b.*\n/gm, ''],
  [/\b\d+(?:\.\d+)?(?:ms|[smhd])(?:\d+[smhd])?\b/g, 'DURATION'],
  [/, \d+ times/g, ''],
  [/\bnode-\d+\b/g, 'NODE'],
  [/[ \t]+/g, ' '],
  [/ $/gm, ''],
  // It may be due at any time.
  [/^(ok schedule temporal-spark-housekeeping) .*/gm, '$1'],
  // Attempts whose pods had the same name may have begun in the same second.
  [/^(.+\n)\1+/gm, '$1'],
];

const timeless = (text: string): string =>
  VARYING.reduce((rest, [pattern, instead]) => rest.replaceAll(pattern, instead), text);
