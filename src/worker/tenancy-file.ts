import { readTenancy, Tenancy, TenancyConfigurationError } from '../tenancy/index.ts';
import { watchFile, type WatchedFileOptions } from './watched-file.ts';

export type TenancyFileOptions = WatchedFileOptions;

export interface WatchedTenancy {
  readonly tenancy: Tenancy;
  /** Stops checking the file. */
  close(): void;
}

/**
 * The tenancy rules of a file, updated when the file changes. A file that becomes invalid, or cannot be read, changes
 * nothing: the previous rules stay.
 *
 * @throws TenancyConfigurationError with every problem of the present file
 */
export function watchTenancy(file: string, options?: TenancyFileOptions): WatchedTenancy {
  const { configured, close } = watchFile(
    file,
    {
      read: readTenancy,
      refuse: (problems) => new TenancyConfigurationError(problems),
      begin: (configuration) => new Tenancy(configuration),
    },
    options,
  );
  return { tenancy: configured, close };
}
