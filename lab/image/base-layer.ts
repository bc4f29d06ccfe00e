import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { cachedLayer, type Layer, type LayerOptions } from './layer.ts';

const suite = 'bookworm';
/** python3 and not python3-minimal: pyspark imports json. tini runs as PID 1, decom.sh needs ps. */
const packages = ['openjdk-17-jre-headless', 'python3', 'tini', 'procps'];

const unneeded = [
  'dev/*',
  'proc/*',
  'sys/*',
  'var/cache/apt/*',
  'var/lib/apt/lists/*',
  'var/log/*',
  'usr/share/doc/*',
  'usr/share/info/*',
  'usr/share/locale/*',
  'usr/share/man/*',
];

/** Debian with Java, Python and a user `spark` (UID 185, group root). Needs root, debootstrap and a Debian mirror. */
export async function baseLayer(options: LayerOptions = {}): Promise<Layer> {
  return cachedLayer(
    `debian-${suite}`,
    [await readFile(import.meta.filename, 'utf8'), process.arch],
    async (directory, archive) => {
      const { signal } = options;
      const root = join(directory, 'root');
      await runCommand('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, root], {
        signal,
      });
      const user = ['--uid', '185', '--gid', '0', '--home-dir', '/opt/spark', '--no-create-home', 'spark'];
      await runCommand('chroot', [root, 'useradd', ...user], { signal });
      // The entrypoint adds a line for an arbitrary UID, whose group is root.
      await chmod(join(root, 'etc', 'passwd'), 0o664);
      const exclusions = unneeded.map((pattern) => `--exclude=./${pattern}`);
      await runCommand('tar', ['-C', root, '--numeric-owner', ...exclusions, '-cf', archive, '.'], { signal });
    },
    options,
  );
}
