import { readTenancy, Tenancy, TenancyConfigurationError, type TenancyConfiguration } from '../tenancy/index.ts';
import { configurationText } from './configuration-text.ts';
import { FileChanges } from './file-changes.ts';

export interface TenancyFileOptions {
  /** Called each time the file changed: without an error where it was reloaded. */
  readonly onReload?: (error: Error | undefined) => void;
  /** Milliseconds between checks of the file. @default 2000 */
  readonly intervalMs?: number;
}

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
export function watchTenancy(
  file: string,
  { onReload = () => {}, intervalMs = 2_000 }: TenancyFileOptions = {},
): WatchedTenancy {
  const changes = new FileChanges(file, intervalMs);
  const tenancy = new Tenancy(load(file));
  const close = changes.start(() => {
    try {
      tenancy.exchange(load(file));
      onReload(undefined);
    } catch (error) {
      onReload(error as Error);
    }
  });
  return { tenancy, close };
}

function load(file: string): TenancyConfiguration {
  return readTenancy(
    configurationText(file, (problems) => new TenancyConfigurationError(problems)),
    file,
  );
}
