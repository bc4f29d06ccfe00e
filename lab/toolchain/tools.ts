import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program of the lab: its name, version and sources. */
export interface Tool {
  readonly name: string;
  /** Such as `v1.36.3`. */
  readonly version: string;
  /** Folder with the go.mod and go.sum that pin it, and the package in it to build. */
  readonly moduleDirectory: string;
  readonly package: string;
  /** Linker flags that make it report its version. */
  readonly linkerFlags: readonly string[];
  /** Arguments with which it prints a text that holds its version. */
  readonly versionArguments: readonly string[];
  /** The project's own release, where it publishes checksums. */
  readonly release?: (platform: Platform) => Release;
}

/** In Go's words: `linux`, `darwin`; `amd64`, `arm64`. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

export interface Release {
  readonly url: string;
  /** A text with the file's SHA-256: alone, or on a line with the file's name. */
  readonly checksumUrl: string;
  /** The program's path in the archive (.tar.gz, .tgz); absent where the file is the program itself. */
  readonly member?: string;
}

export type ToolName =
  | 'temporal'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kwok'
  | 'coredns'
  | 'helm'
  | 'versitygw'
  | 'kubectl';

const modules = join(import.meta.dirname, '..', 'tools');

/** How a tool is described; what has a default is as most of them have it. */
interface Source {
  readonly name: string;
  /** In the go.mod that pins it. */
  readonly module: string;
  /** Folder of that go.mod. @default the name */
  readonly folder?: string;
  /** @default the module */
  readonly package?: string;
  /** @default none */
  readonly linkerFlags?: (version: string) => readonly string[];
  /** @default `--version` */
  readonly versionArguments?: readonly string[];
  /** @default none: it is always built */
  readonly release?: (version: string, platform: Platform) => Release;
}

const temporal: Source = {
  name: 'temporal',
  module: 'github.com/temporalio/cli',
  package: 'github.com/temporalio/cli/cmd/temporal',
  linkerFlags: (version) => [`-X github.com/temporalio/cli/temporalcli.Version=${version.slice(1)}`],
  release: (version, { os, arch }) => ({
    ...gitHubRelease(
      'temporalio/cli',
      version,
      `temporal_cli_${version.slice(1)}_${os}_${arch}.tar.gz`,
      'checksums.txt',
    ),
    member: 'temporal',
  }),
};

const etcd: Source = {
  name: 'etcd',
  module: 'go.etcd.io/etcd/server/v3',
  release: (version, { os, arch }) => {
    const folder = `etcd-${version}-${os}-${arch}`;
    const file = `${folder}.${os === 'linux' ? 'tar.gz' : 'zip'}`;
    return { ...gitHubRelease('etcd-io/etcd', version, file, 'SHA256SUMS'), member: `${folder}/etcd` };
  },
};

const kubernetes = (name: string): Source => ({
  name,
  module: 'k8s.io/kubernetes',
  folder: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  linkerFlags: (version) => {
    const [major, minor] = version.slice(1).split('.');
    const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
    return Object.entries(values).map(([variable, value]) => `-X k8s.io/component-base/version.${variable}=${value}`);
  },
  release: (version, { os, arch }) => {
    const url = `https://dl.k8s.io/release/${version}/bin/${os}/${arch}/${name}`;
    return { url, checksumUrl: `${url}.sha256` };
  },
});

/** Its releases come without checksums. */
const kwok: Source = {
  name: 'kwok',
  module: 'sigs.k8s.io/kwok',
  package: 'sigs.k8s.io/kwok/cmd/kwok',
  linkerFlags: (version) => [`-X sigs.k8s.io/kwok/pkg/consts.Version=${version.slice(1)}`],
};

const coredns: Source = {
  name: 'coredns',
  module: 'github.com/coredns/coredns',
  versionArguments: ['-version'],
  release: (version, { os, arch }) => {
    const file = `coredns_${version.slice(1)}_${os}_${arch}.tgz`;
    return { ...gitHubRelease('coredns/coredns', version, file, `${file}.sha256`), member: 'coredns' };
  },
};

/** Renders the chart for the tests; no part of a lab. */
const helm: Source = {
  name: 'helm',
  module: 'helm.sh/helm/v4',
  package: 'helm.sh/helm/v4/cmd/helm',
  linkerFlags: (version) => [`-X helm.sh/helm/v4/internal/version.version=${version}`],
  versionArguments: ['version', '--short'],
  release: (version, { os, arch }) => {
    const url = `https://get.helm.sh/helm-${version}-${os}-${arch}.tar.gz`;
    return { url, checksumUrl: `${url}.sha256sum`, member: `${os}-${arch}/helm` };
  },
};

/** An S3 server for the tests; no part of a lab. Its release for a platform has no checksum of its own. */
const versitygw: Source = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw',
  package: 'github.com/versity/versitygw/cmd/versitygw',
  linkerFlags: (version) => [`-X main.Version=${version}`],
};

/** Reads YAML for the tests; no part of a lab. It has its own modules: a change of theirs rebuilds every program. */
const kubectl: Source = {
  ...kubernetes('kubectl'),
  folder: 'kubectl',
  versionArguments: ['version', '--client'],
};

export const tools: Readonly<Record<ToolName, Tool>> = {
  temporal: toolOf(temporal),
  etcd: toolOf(etcd),
  'kube-apiserver': toolOf(kubernetes('kube-apiserver')),
  'kube-controller-manager': toolOf(kubernetes('kube-controller-manager')),
  'kube-scheduler': toolOf(kubernetes('kube-scheduler')),
  kubelet: toolOf(kubernetes('kubelet')),
  'kube-proxy': toolOf(kubernetes('kube-proxy')),
  kwok: toolOf(kwok),
  coredns: toolOf(coredns),
  helm: toolOf(helm),
  versitygw: toolOf(versitygw),
  kubectl: toolOf(kubectl),
};

function toolOf({ name, module, folder = name, versionArguments = ['--version'], release, ...source }: Source): Tool {
  const moduleDirectory = join(modules, folder);
  const version = pinnedVersion(moduleDirectory, module);
  return {
    ...{ name, version, moduleDirectory, versionArguments },
    package: source.package ?? module,
    linkerFlags: source.linkerFlags?.(version) ?? [],
    ...(release && { release: (platform: Platform) => release(version, platform) }),
  };
}

function gitHubRelease(repository: string, tag: string, file: string, checksums: string): Release {
  const base = `https://github.com/${repository}/releases/download/${tag}`;
  return { url: `${base}/${file}`, checksumUrl: `${base}/${checksums}` };
}

/** The version is defined once, in go.mod. */
function pinnedVersion(moduleDirectory: string, module: string): string {
  const goMod = readFileSync(join(moduleDirectory, 'go.mod'), 'utf8');
  const version = goMod
    .split('\n')
    .map((line) =>
      line
        .replace(/^require/, '')
        .trim()
        .split(' '),
    )
    .find(([path]) => path === module)?.[1];
  if (version === undefined) throw new Error(`${moduleDirectory}/go.mod does not require ${module}.`);
  return version;
}
