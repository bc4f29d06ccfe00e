import { readFileSync } from 'node:fs';

/**
 * Changes of a configuration file, by its content: a mounted ConfigMap changes by a link. Create it before the file is
 * read for the first time, so that no later change is missed.
 */
export class FileChanges {
  private readonly file: string;
  private readonly intervalMs: number;
  private seen: string | undefined;

  constructor(file: string, intervalMs: number) {
    this.file = file;
    this.intervalMs = intervalMs;
    this.seen = contentOf(file);
  }

  /** Calls `onChange` after each change; a file that cannot be read any more has changed, too. @returns how to stop */
  start(onChange: () => void): () => void {
    const timer = setInterval(() => {
      const content = contentOf(this.file);
      if (content === this.seen) return;
      this.seen = content;
      onChange();
    }, this.intervalMs).unref();
    return () => clearInterval(timer);
  }
}

/** Undefined where it cannot be read. */
function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
