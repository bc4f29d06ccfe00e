import { createHash } from 'node:crypto';
import { access, copyFile, link, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LabBase } from '../base.ts';
import { cacheDirectory } from '../cache.ts';
import { withFileLock } from '../file-lock.ts';
import { runCommand } from '../command.ts';
import { type Image, writeImageLayout } from '../image/image.ts';
import { runStep, type StepOptions } from '../step.ts';

/**
 * A directory for this lab's containerd in which the images of the template are unpacked already. It is made of hard
 * links, which containerd cannot distinguish from its own files and never writes to, and lies in the cache like the
 * template, for hard links work within one file system.
 */
export async function createContainerdStore(base: LabBase, template: string): Promise<string> {
  const store = join(cacheDirectory(), 'labs', `${base.id}-containerd`);
  base.record.add({ kind: 'directory', path: store });
  await runCommand('cp', ['--archive', '--link', template, store], { signal: base.signal });
  for (const database of await databases(template)) {
    await rm(join(store, database));
    await copyFile(join(template, database), join(store, database));
  }
  return store;
}

/** The directory in the cache with just these images, created if it does not exist. */
export async function containerdTemplate(images: readonly Image[], options: StepOptions): Promise<string> {
  const { signal } = options;
  const version = await runCommand('containerd', ['--version'], { signal });
  const key = createHash('sha256')
    .update(JSON.stringify([version, images]))
    .digest('hex')
    .slice(0, 16);
  const template = join(cacheDirectory(), 'images', `unpacked-${key}`);
  const make = async (): Promise<string> => {
    if (!(await exists(template))) {
      await runStep('unpack images', () => makeTemplate(template, images, signal), options);
    }
    return template;
  };
  return (await exists(template)) ? template : withFileLock(`${template}.lock`, make, signal);
}

async function makeTemplate(
  template: string,
  images: readonly Image[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const work = await mkdtemp(join(dirname(template), '.unpack-'));
  try {
    const layout = join(work, 'layout');
    await mkdir(layout);
    await writeImageLayout(layout, images);
    await writeFile(
      join(work, 'config.toml'),
      [
        'version = 2',
        `root = "${join(work, 'root')}"`,
        `state = "${join(work, 'state')}"`,
        'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]',
        '[grpc]',
        `address = "${join(work, 'socket')}"`,
      ].join('\n'),
    );
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const script = join(import.meta.dirname, 'unpack-images.sh');
    await runCommand('unshare', [...namespaces, 'sh', script, work], { signal });
    await shareLayers(join(work, 'root'), images);
    await rename(join(work, 'root'), template);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The layers take as much room again as what was unpacked from them: in place of copies, they are the cached ones. */
async function shareLayers(root: string, images: readonly Image[]): Promise<void> {
  for (const { digest, file } of new Set(images.flatMap(({ layers }) => layers))) {
    const blob = join(root, 'io.containerd.content.v1.content', 'blobs', digest.replace(':', '/'));
    await rm(blob);
    await link(file, blob);
  }
}

/** containerd writes to these in place; it replaces all other files. */
async function databases(root: string): Promise<string[]> {
  const plugins = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const files = await Promise.all(
    plugins.map(async ({ name }) => (await readdir(join(root, name))).map((file) => join(name, file))),
  );
  return files.flat().filter((file) => file.endsWith('.db'));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
