/** An entry of a log. */
export interface LogEntry {
  readonly time: Date;
  readonly level: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export type LogFormat = 'text' | 'json';

/** Formats a log entry: as text for people, or as JSON with the stack traces of errors. */
export const logLine = (format: LogFormat, entry: LogEntry): string =>
  format === 'json' ? jsonLine(entry) : textLine(entry);

function textLine({ time, level, message, facts }: LogEntry): string {
  const shown = Object.entries(facts).map(([key, value]) => {
    const fact = value instanceof Error ? value.message : value;
    return `${key}=${typeof fact === 'string' && !/\p{Cc}/u.test(fact) ? fact : JSON.stringify(fact)}`;
  });
  return [time.toISOString(), level.padEnd(5), message, ...shown].join(' ');
}

function jsonLine({ time, level, message, facts }: LogEntry): string {
  const { error, ...rest } = facts;
  const failure =
    error instanceof Error ? { error: error.message, stack: error.stack } : error === undefined ? {} : { error };
  return JSON.stringify({ time: time.toISOString(), level, message, ...rest, ...failure });
}
