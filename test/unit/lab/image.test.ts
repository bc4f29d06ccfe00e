import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Image, writeImageLayout } from '../../../lab/image/image.ts';
import type { Layer } from '../../../lab/image/layer.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'image-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Record<string, string>;
}

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

function layer(content: string): Layer {
  const file = join(directory, `${content}.tar`);
  writeFileSync(file, content);
  return { file, digest: digestOf(Buffer.from(content)), bytes: content.length };
}

/** The content of a blob, once its digest and size have been verified. */
function readBlob({ digest, size }: Descriptor): Buffer {
  const content = readFileSync(join(directory, 'layout', 'blobs', 'sha256', digest.slice('sha256:'.length)));
  expect({ digest: digestOf(content), size: content.length }).toEqual({ digest, size });
  return content;
}

const readJson = <T>(descriptor: Descriptor): T => JSON.parse(readBlob(descriptor).toString()) as T;

test('a layout holds each image under its name, and a layer that they share only once', async () => {
  const [base, top] = [layer('base'), layer('top')];
  const images: Image[] = [
    { reference: 'example.com/base:1', layers: [base], entrypoint: ['/bin/sleep'] },
    {
      reference: 'example.com/top:1',
      layers: [base, top],
      entrypoint: ['/run.sh', '--all'],
      env: { HOME: '/home' },
      user: '185',
      workingDirectory: '/work',
    },
  ];
  await writeImageLayout(join(directory, 'layout'), images);

  const index = JSON.parse(readFileSync(join(directory, 'layout', 'index.json'), 'utf8')) as {
    manifests: Descriptor[];
  };
  const loaded = index.manifests.map((descriptor) => {
    const manifest = readJson<{ config: Descriptor; layers: Descriptor[] }>(descriptor);
    return {
      name: descriptor.annotations?.['io.containerd.image.name'],
      layers: manifest.layers.map((blob) => readBlob(blob).toString()),
      config: readJson<{ config: unknown; rootfs: { diff_ids: string[] } }>(manifest.config),
    };
  });
  expect(loaded).toMatchObject([
    { name: 'example.com/base:1', layers: ['base'], config: { rootfs: { diff_ids: [base.digest] } } },
    {
      name: 'example.com/top:1',
      layers: ['base', 'top'],
      config: {
        config: { Entrypoint: ['/run.sh', '--all'], Env: ['HOME=/home'], User: '185', WorkingDir: '/work' },
        rootfs: { diff_ids: [base.digest, top.digest] },
      },
    },
  ]);
  expect(readdirSync(join(directory, 'layout', 'blobs', 'sha256'))).toHaveLength(2 + 2 * images.length);
});
