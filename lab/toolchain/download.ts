import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import type { Release } from './tools.ts';

const run = promisify(execFile);

export interface DownloadOptions {
  /** How long the server may take to answer at all. @default 3000 */
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Puts a release's program at `target`, checked against the published SHA-256; nothing is there until it is whole.
 * Rejects where the server can't be reached, does not have it, or sends something else.
 */
export async function downloadRelease(release: Release, target: string, options: DownloadOptions = {}): Promise<void> {
  const wanted = checksumOf(basename(new URL(release.url).pathname), await fetchText(release.checksumUrl, options));
  const directory = await mkdtemp(join(dirname(target), '.download-'));
  try {
    const file = join(directory, 'release');
    const response = await get(release.url, options);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
    const found = await sha256(file);
    if (found !== wanted) throw new Error(`${release.url} has SHA-256 ${found}, but ${wanted} is published`);
    const program = release.member === undefined ? file : join(directory, release.member);
    if (release.member !== undefined) await run('tar', ['-xzf', file, '-C', directory, release.member]);
    await chmod(program, 0o755);
    await rename(program, target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function fetchText(url: string, options: DownloadOptions): Promise<string> {
  return (await get(url, options)).text();
}

async function get(url: string, { connectTimeoutMs = 3000, signal }: DownloadOptions): Promise<Response> {
  const tooSlow = new AbortController();
  const timer = setTimeout(() => tooSlow.abort(new Error(`no answer within ${connectTimeoutMs} ms`)), connectTimeoutMs);
  try {
    const signals = [tooSlow.signal, ...(signal === undefined ? [] : [signal])];
    const response = await fetch(url, { signal: AbortSignal.any(signals) });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    const { message, cause } = error as Error;
    throw new Error(`${url}: ${cause instanceof Error ? cause.message : message}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function checksumOf(file: string, published: string): string {
  const lines = published.split('\n').map((line) => line.trim().split(/\s+\*?/));
  const found = lines.find(([, name]) => name !== undefined && basename(name) === file) ?? lines[0];
  const checksum = found?.[0] ?? '';
  if (!/^[0-9a-f]{64}$/.test(checksum) || (found?.[1] !== undefined && basename(found[1]) !== file)) {
    throw new Error(`no SHA-256 of ${file} is published`);
  }
  return checksum;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
