import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCommand } from '../../lab/command.ts';
import { writeImageLayout } from '../../lab/image/image.ts';
import { baseLayer } from '../../lab/image/layer.ts';

/** Name of an image of this checkout. */
export const OWN_IMAGE = 'localhost/temporal-spark/temporal-spark:checkout';

/**
 * Loads an image of this checkout into the real lab of that directory, as the Dockerfile makes one, but of the lab's own Debian and from the
 * sources: the registry of Docker's images is out of reach here.
 */
export async function loadOwnImage(labDirectory: string): Promise<void> {
  const directory = join(labDirectory, 'own-image');
  const [archive, layout] = [join(directory, 'layer.tar'), join(directory, 'layout')];
  await mkdir(layout, { recursive: true });
  const root = join(import.meta.dirname, '..', '..');
  const list = ['ls', '--omit=dev', '--workspaces=false', '--all', '--parseable'];
  const folders = (await runCommand('npm', ['--prefix', root, ...list]))
    .split('\n')
    .flatMap((path) => /\/(node_modules\/(?:@[^/]+\/)?[^/]+)/.exec(path.slice(root.length - 1))?.[1] ?? []);
  const files = ['package.json', 'src', ...new Set(folders)];
  // The command of a Job starts no worker.
  const without = ['--exclude=node_modules/@temporalio/core-bridge'];
  await runCommand('tar', ['-C', root, '-cf', archive, '--transform=s,^,app/,', ...without, ...files]);
  await runCommand('tar', [
    '-rf',
    archive,
    '--absolute-names',
    '--transform=s,.*,usr/local/bin/node,',
    process.execPath,
  ]);
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  const layer = { file: archive, digest: `sha256:${hash.digest('hex')}`, bytes: (await stat(archive)).size };
  const entrypoint = ['/usr/local/bin/node', '/app/src/cli/main.ts'];
  const layers = [await baseLayer({}), layer];
  await writeImageLayout(layout, [
    { reference: OWN_IMAGE, layers, entrypoint, env: { PATH: '/usr/local/bin:/usr/bin:/bin' } },
  ]);
  const image = join(directory, 'image.tar');
  await runCommand('tar', ['-C', layout, '--dereference', '-cf', image, '.']);
  const socket = join(labDirectory, 'containerd', 'containerd.sock');
  await runCommand('ctr', ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', image]);
}
