import { DefaultsConfigurationError, readDefaults, TeamDefaults } from '../defaults/index.ts';
import { watchFile, type WatchedFileOptions } from './watched-file.ts';

export interface WatchedDefaults {
  readonly defaults: TeamDefaults;
  /** Stops checking the file. */
  close(): void;
}

/**
 * The defaults of a file, updated when the file changes. A file that becomes invalid, or cannot be read, changes
 * nothing: the previous defaults stay.
 *
 * @throws DefaultsConfigurationError with every problem of the present file
 */
export function watchDefaults(file: string, options?: WatchedFileOptions): WatchedDefaults {
  const { configured, close } = watchFile(
    file,
    {
      read: readDefaults,
      refuse: (problems) => new DefaultsConfigurationError(problems),
      begin: (configuration) => new TeamDefaults(configuration, file),
    },
    options,
  );
  return { defaults: configured, close };
}
