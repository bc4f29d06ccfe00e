import { access, rm, writeFile } from 'node:fs/promises';
import { runCommand } from '../command.ts';
import { findOnPath } from '../process.ts';

/** A Debian package and how to see that what it holds is there, from wherever it came. */
interface Package {
  readonly name: string;
  readonly isPresent: () => Promise<boolean>;
}

const packages: readonly Package[] = [
  { name: 'util-linux', isPresent: commands('unshare', 'nsenter', 'mount') },
  { name: 'iproute2', isPresent: commands('ip') },
  { name: 'iptables', isPresent: commands('iptables') },
  { name: 'conntrack', isPresent: commands('conntrack') },
  { name: 'containerd', isPresent: commands('containerd', 'ctr') },
  { name: 'runc', isPresent: commands('runc') },
  { name: 'containernetworking-plugins', isPresent: async () => (await cniDirectory()) !== undefined },
  { name: 'debootstrap', isPresent: commands('debootstrap') },
  { name: 'debian-archive-keyring', isPresent: () => exists('/usr/share/keyrings/debian-archive-keyring.gpg') },
  { name: 'python3-pip', isPresent: commands('pip3') },
];

/** Names of the packages that a real lab needs and this machine lacks. */
export async function missingPackages(): Promise<string[]> {
  const presence = await Promise.all(
    packages.map(async ({ name, isPresent }) => ({ name, present: await isPresent() })),
  );
  return presence.filter(({ present }) => !present).map(({ name }) => name);
}

/** Installs Debian packages without starting their services. Needs root. */
export async function installPackages(names: readonly string[], signal?: AbortSignal): Promise<void> {
  // Another process may be installing, such as another lab.
  const waiting = ['--option', 'DPkg::Lock::Timeout=300'];
  const install = (): Promise<string> =>
    runCommand('apt-get', [...waiting, 'install', '--yes', '--no-install-recommends', ...names], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      signal,
    });
  await withoutServices(async () => {
    try {
      await install();
    } catch {
      // The lists of packages are missing or old.
      await runCommand('apt-get', [...waiting, 'update'], { signal });
      await install();
    }
  });
}

/** Where the CNI plugins are: Debian's folder, or the one of the project's own releases. */
export async function cniDirectory(): Promise<string | undefined> {
  for (const directory of ['/usr/lib/cni', '/opt/cni/bin']) {
    const plugins = ['bridge', 'host-local', 'portmap', 'loopback'].map((plugin) => exists(`${directory}/${plugin}`));
    if ((await Promise.all(plugins)).every(Boolean)) return directory;
  }
  return undefined;
}

/** containerd's package starts a daemon of the machine's own; the lab starts one for itself. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d';
  const made = await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' }).then(
    () => true,
    () => false, // A policy exists already and is kept.
  );
  try {
    await work();
  } finally {
    if (made) await rm(policy, { force: true });
  }
}

function commands(...names: readonly string[]): () => Promise<boolean> {
  return async () => names.every((name) => findOnPath(name) !== undefined);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
