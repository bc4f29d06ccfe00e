import { configurationText } from './configuration-text.ts';
import { FileChanges } from './file-changes.ts';
import type { ManifestProblem } from '../validation/problem.ts';

export interface WatchedFileOptions {
  /** Called each time the file changed: without an error where it was reloaded. */
  readonly onReload?: (error: Error | undefined) => void;
  /** Milliseconds between checks of the file. @default 2000 */
  readonly intervalMs?: number;
}

/** A configuration file that is reloaded, and what it configures. */
interface Configured<C, T> {
  /** @throws an error with every problem of the text */
  readonly read: (text: string, file: string) => C;
  /** The error for a file that cannot be read. */
  readonly refuse: (problems: readonly ManifestProblem[]) => Error;
  /** What the present file configures. */
  readonly begin: (configuration: C) => T;
}

/**
 * What a file configures, updated when the file changes. A file that becomes invalid, or cannot be read, changes
 * nothing: the previous configuration stays.
 *
 * @throws what `read` and `refuse` make of the present file
 */
export function watchFile<C, T extends { exchange(configuration: C): void }>(
  file: string,
  { read, refuse, begin }: Configured<C, T>,
  { onReload = () => {}, intervalMs = 2_000 }: WatchedFileOptions = {},
): { readonly configured: T; readonly close: () => void } {
  const load = () => read(configurationText(file, refuse), file);
  const changes = new FileChanges(file, intervalMs);
  const configured = begin(load());
  const close = changes.start(() => {
    try {
      configured.exchange(load());
      onReload(undefined);
    } catch (error) {
      onReload(error as Error);
    }
  });
  return { configured, close };
}
