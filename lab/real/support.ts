import { mkdir, mkdtemp, readFile, rm, rmdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDirectory } from '../cache.ts';
import { findOnPath } from '../process.ts';
import { cgroupHierarchies, handDownControllers, neededControllers } from './cgroups.ts';
import { missingPackages } from './packages.ts';

const GIB = 1024 ** 3;
/** The control plane takes about 1 GiB, a driver and an executor 0.9 GiB each. */
const NEEDED_MEMORY = 3 * GIB;
/** The programs, the layers and the unpacked images of one Spark version, and room for what pods write. */
const NEEDED_DISK = 5 * GIB;

export type RealModeSupport = { readonly supported: true } | { readonly supported: false; readonly reason: string };

/** Whether containers can run on this machine, and if not, why; tries it out without leaving anything. */
export async function realModeSupport(): Promise<RealModeSupport> {
  for (const check of [checkSystem, checkPackages, checkCapacity, checkCgroups, checkNamespaces]) {
    const reason = await check();
    if (reason !== undefined) return { supported: false, reason };
  }
  return { supported: true };
}

/** Each check returns the obstacle, if any. */
type Check = () => Promise<string | undefined>;

const checkSystem: Check = async () => {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return 'it needs root.';
  return undefined;
};

const checkPackages: Check = async () => {
  const missing = await missingPackages();
  if (missing.length === 0 || findOnPath('apt-get') !== undefined) return undefined;
  return `apt-get is not available to install the missing programs: ${missing.join(', ')}.`;
};

const checkCapacity: Check = async () => {
  const memory = Number(/^MemAvailable:\s+(\d+) kB/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1]) * 1024;
  if (memory < NEEDED_MEMORY) return `it needs ${gib(NEEDED_MEMORY)} of free memory, and there are ${gib(memory)}.`;
  const cache = cacheDirectory();
  await mkdir(cache, { recursive: true });
  const { bavail, bsize } = await statfs(cache);
  const disk = bavail * bsize;
  if (disk < NEEDED_DISK) return `it needs ${gib(NEEDED_DISK)} of disk at ${cache}, and there are ${gib(disk)}.`;
  return undefined;
};

const checkCgroups: Check = async () => {
  const hierarchies = await cgroupHierarchies();
  const missing = neededControllers.filter(
    (controller) => !hierarchies.some(({ controllers }) => controllers.includes(controller)),
  );
  if (missing.length > 0) return `these cgroup controllers are not mounted: ${missing.join(', ')}.`;
  for (const hierarchy of hierarchies) {
    const probe = join(hierarchy.mountPoint, `temporal-spark-probe-${process.pid}`);
    try {
      await handDownControllers(hierarchy);
      await mkdir(probe);
      await rmdir(probe);
    } catch (error) {
      return `it may not make cgroups: ${(error as Error).message}.`;
    }
  }
  return undefined;
};

const checkNamespaces: Check = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-probe-'));
  try {
    const script = [
      `mount -t tmpfs tmpfs '${directory}'`,
      `cd '${directory}'`,
      'mkdir lower upper work merged',
      'mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged',
      // Where the programs are still to be installed, the kernel is asked when the lab starts.
      '! command -v ip > /dev/null || ip link add probe type bridge',
      '! command -v ip > /dev/null || ip link add probe0 type veth peer name probe1',
      '! command -v iptables > /dev/null || iptables -t nat -N PROBE',
    ].join('\n');
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const { failed, stderr, shortMessage } = await execa('unshare', [...namespaces, 'sh', '-euc', script], {
      reject: false,
    });
    if (!failed) return undefined;
    return `it may not make the namespaces, mounts and interfaces of a lab: ${stderr || shortMessage}`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
