import { isUserFrame, withoutModule } from './user-code.ts';

/** One exception. */
export interface Thrown {
  /** `java.io.IOException`, `KeyError`; empty for a text without a type. */
  readonly type: string;
  readonly message: string;
  /** Of user code, the innermost first. */
  readonly frames: readonly string[];
  /** Whether user code raised it, and not a library that it called. */
  readonly byUser: boolean;
}

type Draft = { -readonly [K in keyof Omit<Thrown, 'frames'>]: Thrown[K] } & { frames: string[] };

/** How an exception came into the log: the higher, the more likely it is what ended the driver. */
export const Weight = {
  /** A warning, or anything that a shutdown logged. */
  Aside: 0,
  /** An error without an exception. */
  ErrorLine: 1,
  /** An exception that was logged. */
  Logged: 2,
  /** In a thread that is not the main one. */
  OtherThread: 3,
  /** In the main thread, a Python program that ended with a traceback, or a refusal of spark-submit. */
  Uncaught: 4,
  /** The JVM ended at once. */
  Fatal: 5,
} as const;
export type Weight = (typeof Weight)[keyof typeof Weight];

/** Exceptions that a report keeps: the outer ones and the innermost. */
const MAX_THROWN = 20;
const MAX_FRAMES = 5;
/** Characters of a message. */
const MAX_MESSAGE = 4096;

/** An exception with its causes, as one part of a log reports it. */
export class Report {
  /** The line of the logger that it was logged with. */
  logLine: string | undefined;
  /** A Python program printed it. */
  isPython = false;
  /** The outermost first. */
  private chain: Draft[] = [];
  private readonly given: Weight;
  /** Where in the chain the exceptions of Python begin that were raised from each other. */
  private pythonAt = 0;

  constructor(weight: Weight) {
    this.given = weight;
  }

  get weight(): Weight {
    return this.given === Weight.Logged && this.isEmpty ? Weight.ErrorLine : this.given;
  }

  get thrown(): readonly Thrown[] {
    return this.chain;
  }

  get isEmpty(): boolean {
    return this.chain.length === 0;
  }

  /** Whether frames of it have been read. */
  hasFrames = false;

  /** A cause of what is there. @param text `java.io.IOException: no such file` */
  causedBy(text: string): void {
    this.hasFrames = false;
    if (this.chain.length === MAX_THROWN) this.chain.pop();
    const { type, message } = split(text);
    const inner = innerFailure(message);
    this.chain.push({
      type,
      message: inner === undefined ? message : message.slice(0, inner.at),
      frames: [],
      byUser: false,
    });
    if (inner !== undefined) this.causedBy(inner.text);
  }

  /** An exception of Python. */
  raised(thrown: Thrown): void {
    if (this.chain.length === MAX_THROWN) this.chain.pop();
    this.pythonAt = this.chain.length;
    this.chain.push(copyOf(thrown));
  }

  /** Another exception of Python that was raised from the last one. */
  raisedAs(thrown: Thrown): void {
    if (this.chain.length === MAX_THROWN) this.chain.pop();
    this.chain.splice(this.pythonAt, 0, copyOf(thrown));
  }

  /** Another exception of Python while the last one was handled. */
  replacedBy(thrown: Thrown): void {
    this.chain = [...this.chain.slice(0, this.pythonAt), copyOf(thrown)];
  }

  frame(frame: string): void {
    const isFirst = !this.hasFrames;
    this.hasFrames = true;
    const last = this.chain.at(-1);
    if (last === undefined || !isUserFrame(frame)) return;
    if (isFirst) last.byUser = true;
    if (last.frames.length < MAX_FRAMES) last.frames.push(withoutModule(frame));
  }

  /** Another line of the last message. */
  continueMessage(line: string): void {
    const last = this.chain.at(-1);
    if (last !== undefined && last.message.length < MAX_MESSAGE) last.message += `\n${line}`;
  }

  /** The last one ended its message with the traceback of its cause. */
  endsWithTraceback(): boolean {
    const last = this.chain.at(-1);
    if (last === undefined) return false;
    const end = last.message.lastIndexOf('Traceback (most recent call last)');
    if (end === -1) return false;
    last.message = last.message.slice(0, end).trim();
    return true;
  }
}

const copyOf = (thrown: Thrown): Draft => ({ ...thrown, frames: [...thrown.frames] });

/** `type: message`; a text that begins with no type is a message. */
export function split(text: string): { type: string; message: string } {
  const end = typeEnd(text);
  if (end === 0) return { type: '', message: text };
  return { type: text.slice(0, end), message: text.slice(end).replace(/^:\s?/, '') };
}

/** Where the name of a class at the start of a text ends; 0 where it has no type. */
function typeEnd(text: string): number {
  let end = 0;
  let nameStart = 0;
  for (; end < text.length; end++) {
    const character = text[end]!;
    if (character === '.') nameStart = end + 1;
    else if (!isNamePart(character)) break;
  }
  const isWhole = end === text.length || text[end] === ':';
  const name = text.slice(nameStart, end);
  return isWhole && /^[A-Z_]/.test(name) && (nameStart > 0 || name.length > 3) ? end : 0;
}

const isNamePart = (character: string): boolean => /[\w$]/.test(character);

/** The failure of a task is in the message of the job's: `… Lost task 0.3 in stage 0.0 (TID 3) (host executor 1): …` */
function innerFailure(message: string): { readonly text: string; readonly at: number } | undefined {
  const lost = message.lastIndexOf('Lost task ');
  const at = lost === -1 ? -1 : message.indexOf('): ', lost);
  return at === -1 ? undefined : { text: message.slice(at + 3), at: at + 1 };
}
