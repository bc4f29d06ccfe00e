import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built binaries and the records of running labs are kept, outside any checkout. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return env['TEMPORAL_SPARK_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'temporal-spark');
}
