import { type ArchivePlace, objectsOf } from './archived-log.ts';
import { LogNames } from './layout.ts';

/** Of this process: one log after the other, so that memory and the store are not used by many at once. */
let last: Promise<void> = Promise.resolve();
/** A store that stops in the middle of an answer does not stop the logs behind it. */
const TIMEOUT_MS = 600_000;

/**
 * Makes one object of the parts of a complete log: members of gzip, one behind the other, are gzip. The log is complete
 * without it, so it is tried once, and nothing waits for it.
 *
 * @returns resolves when it is done, or has failed
 */
export function mergeParts(place: ArchivePlace): Promise<void> {
  last = last.then(() => merge(place, AbortSignal.timeout(TIMEOUT_MS))).catch(() => undefined);
  return last;
}

async function merge({ store, folder, container }: ArchivePlace, signal: AbortSignal): Promise<void> {
  const names = new LogNames(container);
  const { whole, parts } = objectsOf(names, await store.list(folder, signal));
  if (whole === undefined) {
    if (parts.length === 0) return;
    async function* content(): AsyncIterable<Uint8Array> {
      for (const { name } of parts) yield* store.read(folder, name, { signal });
    }
    await store.write(folder, names.whole, content(), signal);
  }
  for (const { name } of parts) await store.remove(folder, name, signal);
}
