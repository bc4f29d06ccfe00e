/** What a line of a driver's log is, as far as its form shows. */
export type Line =
  /** Of a logger. */
  | { readonly is: 'log'; readonly level: Level; readonly text: string }
  /** `Exception in thread "main" java.io.IOException: …` */
  | { readonly is: 'uncaught'; readonly thread: string; readonly thrown: string }
  | { readonly is: 'causedBy'; readonly thrown: string }
  /** An exception of the JVM below an error of py4j. */
  | { readonly is: 'inJvm'; readonly thrown: string }
  | { readonly is: 'jvmFrame'; readonly frame: string }
  | { readonly is: 'traceback' }
  | { readonly is: 'pythonFrame'; readonly frame: string }
  /** Between two tracebacks: `raise … from …`, or an exception while another one was handled. */
  | { readonly is: 'chained'; readonly explicit: boolean }
  /** The JVM ends at once, and prints why: out of memory, or a crash. */
  | { readonly is: 'jvmEnd'; readonly text: string }
  /** `Error: …` of spark-submit or of the JVM. */
  | { readonly is: 'refusal'; readonly text: string }
  /** Below a traceback or a stack trace: source, carets, `... 14 more`, suppressed exceptions. */
  | { readonly is: 'indented'; readonly text: string }
  | { readonly is: 'blank' }
  /** Of the JVM, a logging library or the image, about their own configuration. */
  | { readonly is: 'notice' }
  | { readonly is: 'text'; readonly text: string };

export type Level = 'ERROR' | 'WARN' | 'INFO';

/** Characters of a line that are read. */
const LIMIT = 4096;

// Patterns are anchored, or begin with a fixed text; no repetition can give back what the next one takes.
const LOG =
  /^\[?\d{2,4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S{0,12}\s{1,3}(?:\[[^\]]{0,80}\]\s{1,3})?(FATAL|ERROR|WARN|INFO|DEBUG|TRACE)\s{1,3}/;
const STRUCTURED_LEVEL = /^\{"ts":"[^"]{1,40}","level":"(\w{1,8})"/;
const STRUCTURED_MESSAGE = /"msg":"((?:[^"\\]|\\.){0,1000})/;
const STRUCTURED_EXCEPTION = /"exception":\{"class":"([^"]{1,200})","msg":"((?:[^"\\]|\\.){0,1000})/;
const PYTHON_LOG = /^(CRITICAL|ERROR|WARNING|INFO|DEBUG):[\w.]{1,80}:/;
const UNCAUGHT = /^Exception in thread "([^"]{0,200})" /;
// Spark puts `at ... run in separate thread …` among them.
const JVM_FRAME = /^(?:\t| {4})at [\w$]/;
const PYTHON_FRAME = /^ {2,6}File "([^"]{1,1000})", line (\d{1,7})(?:, in (.{1,200}))?$/;
// Of Python, about the script that it was given.
const NO_SCRIPT = /^\S{0,200}python[\d.]{0,6}: (?=can.t open file )/;
const NOTICES: readonly string[] = [
  'WARNING: ',
  'Picked up ',
  "Using Spark's default log4j profile",
  'Setting default log level',
  'To adjust logging level',
  'log4j:',
  'SLF4J:',
  'OpenJDK 64-Bit Server VM warning:',
  'Java HotSpot(TM) 64-Bit Server VM warning:',
  // The entrypoint of Spark's image prints its commands.
  '+ ',
  '++ ',
];
const JVM_ENDS: readonly string[] = [
  'Terminating due to java.lang.OutOfMemoryError',
  'Aborting due to java.lang.OutOfMemoryError',
  '# java.lang.OutOfMemoryError',
];

const LEVELS: Readonly<Record<string, Level>> = {
  FATAL: 'ERROR',
  CRITICAL: 'ERROR',
  ERROR: 'ERROR',
  WARN: 'WARN',
  WARNING: 'WARN',
};

export function readLine(whole: string): Line {
  const line = whole.slice(0, LIMIT).trimEnd();
  if (line === '') return { is: 'blank' };
  const log = LOG.exec(line) ?? PYTHON_LOG.exec(line);
  if (log !== null) return { is: 'log', level: LEVELS[log[1]!] ?? 'INFO', text: line.slice(log[0].length) };
  if (line.startsWith('{"ts":"')) return structured(line);
  const uncaught = UNCAUGHT.exec(line);
  if (uncaught !== null) return { is: 'uncaught', thread: uncaught[1]!, thrown: line.slice(uncaught[0].length) };
  if (line.startsWith('Caused by: ')) return { is: 'causedBy', thrown: line.slice(11) };
  if (line.startsWith(': ')) return { is: 'inJvm', thrown: line.slice(2) };
  if (JVM_FRAME.test(line)) return { is: 'jvmFrame', frame: line.trimStart().slice(3) };
  if (line.startsWith('Traceback (most recent call last)')) return { is: 'traceback' };
  const frame = PYTHON_FRAME.exec(line);
  if (frame !== null)
    return { is: 'pythonFrame', frame: `${frame[1]}:${frame[2]}${frame[3] ? ` in ${frame[3]}` : ''}` };
  if (line.startsWith('The above exception was the direct cause')) return { is: 'chained', explicit: true };
  if (line.startsWith('During handling of the above exception')) return { is: 'chained', explicit: false };
  const jvmEnd = JVM_ENDS.find((start) => line.startsWith(start));
  if (jvmEnd !== undefined) return { is: 'jvmEnd', text: line.slice(line.indexOf('java.lang.')) };
  if (line.startsWith('#  SIG')) return { is: 'jvmEnd', text: `The JVM crashed: ${line.slice(3)}` };
  const noScript = NO_SCRIPT.exec(line);
  if (noScript !== null) return { is: 'refusal', text: line.slice(noScript[0].length) };
  if (line.startsWith('Error: ')) return { is: 'refusal', text: line.slice(7) };
  if (NOTICES.some((start) => line.startsWith(start))) return { is: 'notice' };
  if (/^\s/.test(line)) return { is: 'indented', text: line.trim() };
  return { is: 'text', text: line };
}

/** A line of Spark's structured logging. */
function structured(line: string): Line {
  const level = LEVELS[STRUCTURED_LEVEL.exec(line)?.[1] ?? ''] ?? 'INFO';
  const exception = STRUCTURED_EXCEPTION.exec(line);
  const thrown = exception === null ? [STRUCTURED_MESSAGE.exec(line)?.[1]] : exception.slice(1);
  return { is: 'log', level, text: `: ${thrown.join(': ').replaceAll('\\"', '"')}` };
}
