import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layer } from './layer.ts';

/** An image to be loaded into a container runtime. */
export interface Image {
  /** Such as `docker.io/library/spark:4.1.4`. */
  readonly reference: string;
  readonly layers: readonly Layer[];
  readonly entrypoint: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDirectory?: string;
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Writes the images as one OCI image layout, whose layers are links into the cache: pack it with `tar --dereference`.
 * (https://github.com/opencontainers/image-spec/blob/main/image-layout.md)
 */
export async function writeImageLayout(directory: string, images: readonly Image[]): Promise<void> {
  const blobs = join(directory, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const layer of new Map(images.flatMap(({ layers }) => layers).map((layer) => [layer.digest, layer])).values()) {
    await symlink(layer.file, join(blobs, hexOf(layer.digest)));
  }
  const manifests: object[] = [];
  for (const image of images) {
    const config = await writeBlob(blobs, 'application/vnd.oci.image.config.v1+json', configOf(image));
    const manifest = await writeBlob(blobs, 'application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: image.layers.map(({ digest, bytes }) => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar',
        digest,
        size: bytes,
      })),
    });
    manifests.push({ ...manifest, annotations: { 'io.containerd.image.name': image.reference } });
  }
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(directory, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }),
  );
}

function configOf({ layers, entrypoint, env = {}, user, workingDirectory }: Image): object {
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Entrypoint: entrypoint,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      User: user,
      WorkingDir: workingDirectory,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  };
}

async function writeBlob(directory: string, mediaType: string, content: object): Promise<Blob> {
  const text = JSON.stringify(content);
  const hex = createHash('sha256').update(text).digest('hex');
  await writeFile(join(directory, hex), text);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
