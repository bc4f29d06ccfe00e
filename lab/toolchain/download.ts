import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { runCommand } from '../command.ts';
import type { Release } from './tools.ts';

export interface DownloadOptions {
  /** How long the server may take to answer at all. @default 3000 */
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The server did not answer: another try within this run is useless. */
export class UnreachableError extends Error {
  readonly type = 'LabReleaseUnreachable';
  override readonly name = 'UnreachableError';
}

/** The SHA-256 of the release's file, in hexadecimal. Rejects where none is published. */
export async function publishedChecksum(release: Release, options: DownloadOptions = {}): Promise<string> {
  const file = basename(new URL(release.url).pathname);
  const published = await (await get(release.checksumUrl, options)).text();
  const lines = published.split('\n').map((line) => line.trim().split(/\s+\*?/));
  const found = lines.find(([, name]) => name !== undefined && basename(name) === file) ?? lines[0];
  const [checksum = '', name] = found ?? [];
  if (!/^[0-9a-f]{64}$/.test(checksum) || (name !== undefined && basename(name) !== file)) {
    throw new Error(`${release.checksumUrl} has no SHA-256 of ${file}`);
  }
  return checksum;
}

/** Puts the release's program at `target`; it appears there only when it is complete and its file has that checksum. */
export async function downloadRelease(
  release: Release,
  checksum: string,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  const directory = await mkdtemp(join(dirname(target), '.download-'));
  try {
    const file = join(directory, 'release');
    const response = await get(release.url, options);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
    const found = await sha256(file);
    if (found !== checksum) throw new Error(`${release.url} has SHA-256 ${found}, but ${checksum} is published`);
    const program = release.member === undefined ? file : join(directory, release.member);
    if (release.member !== undefined) await runCommand('tar', ['-xzf', file, '-C', directory, release.member]);
    await chmod(program, 0o755);
    await rename(program, target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function get(url: string, { connectTimeoutMs = 3000, signal }: DownloadOptions): Promise<Response> {
  const tooSlow = new AbortController();
  const timer = setTimeout(() => tooSlow.abort(), connectTimeoutMs);
  try {
    // The second holds for the body too.
    const signals = [tooSlow.signal, AbortSignal.timeout(300_000), ...(signal === undefined ? [] : [signal])];
    const response = await fetch(url, { signal: AbortSignal.any(signals) });
    if (!response.ok || response.body === null) throw new Error(`${url}: HTTP status ${response.status}`);
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error && error.cause instanceof Error) throw new UnreachableError(error.cause.message);
    if (tooSlow.signal.aborted) throw new UnreachableError(`no answer from ${new URL(url).host}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
