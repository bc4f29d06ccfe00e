import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveStore } from './archive-store.ts';
import { DirectoryStore } from './directory-store.ts';
import type { S3Location } from './s3-store.ts';
import { present } from '../validation/present.ts';

/** What names an archive. */
export const LOG_ARCHIVE_FORM = 'a directory (/logs, file:///logs) or s3://bucket/prefix?endpoint=URL&region=NAME';

const PARAMETERS = ['endpoint', 'region', 'path-style'] as const;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Where an archive is. */
export type ArchiveLocation = { readonly directory: string } | { readonly s3: S3Location };

/**
 * Reads the URL of an archive: an absolute path, a `file:` URL, or `s3://bucket/prefix` with the parameters `endpoint`,
 * `region` and `path-style`.
 *
 * @throws RangeError with what is wrong with it
 */
export function readArchiveUrl(text: string): ArchiveLocation {
  if (isAbsolute(text)) return { directory: text };
  if (!URL.canParse(text)) throw new RangeError(`is not ${LOG_ARCHIVE_FORM}`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new RangeError('has credentials in it; set AWS_ACCESS_KEY_ID, a profile or a role, as for every AWS client');
  }
  if (url.protocol === 'file:') return { directory: fileURLToPath(url) };
  if (url.protocol !== 's3:') throw new RangeError(`is not ${LOG_ARCHIVE_FORM}`);
  if (!BUCKET.test(url.hostname))
    throw new RangeError(`has no valid name of a bucket: ${JSON.stringify(url.hostname)}`);
  const unknown = [...url.searchParams.keys()].find((key) => !PARAMETERS.some((known) => known === key));
  if (unknown !== undefined)
    throw new RangeError(`has the unknown parameter "${unknown}"; known: ${PARAMETERS.join(', ')}`);
  const [endpoint, region, pathStyle] = PARAMETERS.map((name) => url.searchParams.get(name) ?? undefined);
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new RangeError(`has an endpoint that is not an http: or https: URL: ${JSON.stringify(endpoint)}`);
  }
  if (pathStyle !== undefined && pathStyle !== 'true' && pathStyle !== 'false') {
    throw new RangeError(`has path-style=${pathStyle}; allowed: true, false`);
  }
  const prefix =
    url.pathname
      .split('/')
      .filter((segment) => segment !== '')
      .join('/') || undefined;
  const style = pathStyle === undefined ? undefined : pathStyle === 'true';
  return { s3: { bucket: url.hostname, ...present({ prefix, endpoint, region, pathStyle: style }) } };
}

/**
 * Opens an archive by its URL. Nothing is read or written yet.
 *
 * @throws RangeError where the URL is not valid
 */
export async function openLogArchive(url: string): Promise<ArchiveStore> {
  const location = readArchiveUrl(url);
  if ('directory' in location) return new DirectoryStore(location.directory);
  // Loaded when it is needed: the library has 6 MB.
  const { S3Store } = await import('./s3-store.ts');
  return new S3Store(location.s3);
}
