import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeOptionsOfImage } from '../node-options.ts';
import type { Followed } from './follow.ts';
import { LINE_BYTES, LINES_PER_SECOND, serveLogs } from './kubelet.ts';

const DRIVERS = Number(process.env['DRIVERS'] ?? 500);
const SECONDS = Number(process.env['SECONDS'] ?? 60);

/**
 * The memory that following 500 drivers takes, each of which writes 4 KB/s, into an archive in a directory; the same
 * while the archive takes nothing; and whether the archive has every byte in the end. The logs are those of a simulated
 * kubelet, in this process.
 */
export async function logs(): Promise<Record<string, number>> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-archive-'));
  await using kubelet = await serveLogs();
  try {
    const args = [kubelet.kubeconfig, directory, String(DRIVERS), String(SECONDS)];
    const child = fork(join(import.meta.dirname, 'follow.ts'), args, { execArgv: nodeOptionsOfImage() });
    await once(child, 'message');
    const written = kubelet.end();
    child.send('ended');
    const [followed] = (await once(child, 'message')) as [Followed];
    return {
      drivers: DRIVERS,
      bytesPerSecondEach: LINES_PER_SECOND * LINE_BYTES,
      rssMoreMiB: Math.round(followed.rssMoreMiB),
      awayRssMoreMiB: Math.round(followed.awayRssMoreMiB),
      cpuPercent: Math.round(followed.cpuPercent),
      incomplete: DRIVERS - followed.complete,
      bytesWritten: written,
      bytesLost: written - followed.archivedBytes,
    };
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
