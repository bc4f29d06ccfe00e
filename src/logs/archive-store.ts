/** An object of an archive. */
export interface StoredObject {
  /** Behind its folder, without a slash. */
  readonly name: string;
  readonly bytes: number;
}

export interface ReadOptions {
  /** Only so many bytes from its beginning. @default all */
  readonly firstBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Where logs are kept: objects in folders, that appear whole, and are removed. Every method rejects where
 * the store does not answer, or refuses; the same call may succeed later. A folder has no slash at its end.
 */
export interface ArchiveStore {
  /** Where it is, for people: a `file:` or `s3:` URL without credentials and without a slash at its end. */
  readonly url: string;
  /** Resolves to false where the object exists already: of two writers, one creates it. */
  create(folder: string, name: string, body: Uint8Array, signal?: AbortSignal): Promise<boolean>;
  /** Creates or replaces an object of any length; it is there once all of it is. */
  write(folder: string, name: string, body: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void>;
  /** Objects of the folder, not those of folders in it, in the order of their names; none where it does not exist. */
  list(folder: string, signal?: AbortSignal): Promise<readonly StoredObject[]>;
  /** Fails where the object does not exist. */
  read(folder: string, name: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Of one that does not exist nothing is left to remove. */
  remove(folder: string, name: string, signal?: AbortSignal): Promise<void>;
  close(): void;
}
