import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages } from './real/packages.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Path of a Chromium to drive; a missing one is installed from Debian's packages, as root.
 *
 * @throws Error that states why it is missing
 */
export async function findChromium(): Promise<string> {
  const found = onPath();
  if (found !== undefined) return found;
  await installPackages(['chromium']);
  const installed = onPath();
  if (installed === undefined) throw new Error('Chromium is not on the PATH and could not be installed');
  return installed;
}

function onPath(): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(directory, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not here
      }
    }
  }
  return undefined;
}
