import { present } from '../validation/present.ts';
import { readLine, type Line } from './line.ts';
import { Report, split, Weight } from './report.ts';
import { isUserFrame } from './user-code.ts';

/** What the end of a driver's log holds about its failure. */
export interface LogFindings {
  /** The report that most likely names the cause: of those of the most weight the last one. */
  readonly report: Report | undefined;
  /** The last line that the application printed, and not a logger. */
  readonly lastOutput: string | undefined;
  /** The application's jar, if spark-submit did not find it. */
  readonly missingJar: string | undefined;
}

/** Lines that are read: the last ones. */
const MAX_LINES = 10_000;

/** Reads each line once, and keeps one report and the best one before it. */
export function readLog(log: string): LogFindings {
  const reader = new LogReader();
  for (let start = startOf(log); start < log.length;) {
    const end = lineEnd(log, start);
    reader.read(readLine(log.slice(start, end)));
    start = end + 1;
  }
  return reader.findings();
}

function startOf(log: string): number {
  let lines = 0;
  for (let at = log.length - 1; at > 0; at--) if (isLineEnd(log, at - 1) && ++lines > MAX_LINES) return at;
  return 0;
}

function lineEnd(log: string, start: number): number {
  let end = start;
  while (end < log.length && !isLineEnd(log, end)) end++;
  return end;
}

/** A line feed; a progress bar ends its lines with a carriage return. */
function isLineEnd(log: string, at: number): boolean {
  const code = log.charCodeAt(at);
  return code === 10 || code === 13;
}

/** Where in a Python traceback the reader is. */
interface Traceback {
  readonly frames: string[];
  /** The last frame is one of user code. */
  byUser: boolean;
  /** Of an exception of the JVM: it is a cause of that. */
  readonly isEmbedded: boolean;
  /** It follows another one: `raise … from …`, or while that was handled. */
  readonly follows?: { readonly explicit: boolean };
}

const MAX_PYTHON_FRAMES = 5;
// `WARN DependencyUtils: Local jar /opt/app.jar does not exist, skipping.`
const MISSING_JAR = /^[\w.$]{1,80}: Local jar (\S{1,500}) does not exist/;

class LogReader {
  private best: Report | undefined;
  private open: Report | undefined;
  private traceback: Traceback | undefined;
  private chained: { readonly explicit: boolean } | undefined;
  /** The next lines continue the last message. */
  private inMessage = false;
  /** The last line was one of a logger: the next may be its exception. */
  private afterLog = false;
  private shutsDown = false;
  private missingJar: string | undefined;
  private lastOutput: string | undefined;

  read(line: Line): void {
    const { afterLog } = this;
    this.afterLog = false;
    switch (line.is) {
      case 'log':
        return this.log(line);
      case 'uncaught':
        return this.begin(/main/.test(line.thread) ? Weight.Uncaught : Weight.OtherThread, line.thrown);
      case 'refusal':
        return this.begin(Weight.Uncaught, line.text);
      case 'jvmEnd':
        return this.begin(Weight.Fatal, line.text);
      case 'causedBy':
      case 'inJvm':
        return this.causedBy(line.thrown);
      case 'jvmFrame':
        this.inMessage = false;
        return this.open?.frame(line.frame);
      case 'traceback':
        return this.beginTraceback();
      case 'pythonFrame':
        return this.pythonFrame(line.frame);
      case 'chained':
        this.chained = line;
        return;
      case 'indented':
        if (this.inMessage) this.open?.continueMessage(line.text);
        return;
      case 'blank':
        if (this.open?.isPython === true) this.inMessage = false;
        return;
      case 'notice':
        return;
      case 'text':
        return this.text(line.text, afterLog);
      default:
        line satisfies never;
    }
  }

  findings(): LogFindings {
    this.close();
    const { best: report, lastOutput, missingJar } = this;
    return { report, lastOutput, missingJar };
  }

  private log({ level, text }: Extract<Line, { is: 'log' }>): void {
    this.missingJar ??= MISSING_JAR.exec(text)?.[1];
    const weight = this.shutsDown || level !== 'ERROR' ? Weight.Aside : Weight.Logged;
    if (isShutdown(text)) this.shutsDown = true;
    this.close();
    // `TaskSchedulerImpl: Lost executor 1 on 10.0.0.1: …`
    const logger = text.indexOf(': ');
    const message = logger === -1 ? text : text.slice(logger + 2);
    this.open = new Report(weight);
    if (level !== 'INFO') this.open.logLine = message;
    this.afterLog = true;
    if (message.includes('Traceback (most recent call last)')) this.causedBy(message);
  }

  private begin(weight: Weight, thrown: string): void {
    this.close();
    this.open = new Report(this.shutsDown && weight === Weight.OtherThread ? Weight.Aside : weight);
    this.causedBy(thrown);
  }

  private causedBy(thrown: string): void {
    this.traceback = undefined;
    this.open ??= new Report(Weight.Logged);
    this.open.causedBy(thrown);
    this.inMessage = true;
    if (this.open.endsWithTraceback()) this.traceback = { frames: [], byUser: false, isEmbedded: true };
  }

  private beginTraceback(): void {
    const { open, chained } = this;
    this.chained = undefined;
    const isEmbedded = open !== undefined && this.inMessage && !open.hasFrames;
    open?.endsWithTraceback();
    if (!isEmbedded && chained === undefined) this.close();
    this.inMessage = false;
    this.traceback = { frames: [], byUser: false, isEmbedded, ...present({ follows: chained }) };
  }

  private pythonFrame(frame: string): void {
    // A SyntaxError of the script itself has no traceback.
    if (this.traceback === undefined) this.beginTraceback();
    const traceback = this.traceback!;
    traceback.byUser = isUserFrame(frame);
    if (!traceback.byUser) return;
    if (traceback.frames.length === MAX_PYTHON_FRAMES) traceback.frames.pop();
    traceback.frames.unshift(frame);
  }

  private text(text: string, afterLog: boolean): void {
    if (this.traceback !== undefined) return this.endTraceback(text, this.traceback);
    if (this.inMessage) return this.open?.continueMessage(text);
    if (afterLog && this.open !== undefined && split(text).type.includes('.')) return this.causedBy(text);
    if (text.startsWith('Driver stacktrace')) return;
    this.close();
    this.lastOutput = text;
  }

  /** The line below the frames names the exception. */
  private endTraceback(text: string, { frames, byUser, isEmbedded, follows }: Traceback): void {
    this.traceback = undefined;
    const thrown = { ...split(text), frames, byUser };
    if (follows === undefined && !isEmbedded) {
      this.close();
      this.open = new Report(Weight.Uncaught);
      this.open.isPython = true;
    }
    this.open ??= new Report(Weight.Uncaught);
    if (follows?.explicit === true) this.open.raisedAs(thrown);
    else if (follows !== undefined) this.open.replacedBy(thrown);
    else this.open.raised(thrown);
    this.inMessage = true;
  }

  private close(): void {
    const { open } = this;
    this.open = this.traceback = this.chained = undefined;
    this.inMessage = false;
    if (open === undefined || (open.isEmpty && open.logLine === undefined)) return;
    if (this.best === undefined || open.weight >= this.best.weight) this.best = open;
  }
}

const isShutdown = (text: string): boolean =>
  text.includes('Shutdown hook called') || text.includes('Invoking stop() from shutdown hook');
