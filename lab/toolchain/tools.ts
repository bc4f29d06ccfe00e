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

export const tools: Readonly<Record<ToolName, Tool>> = {
  temporal: temporal(),
  etcd: etcd(),
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  kwok: kwok(),
  coredns: coredns(),
  helm: helm(),
  versitygw: versitygw(),
  kubectl: kubectl(),
};

function temporal(): Tool {
  const moduleDirectory = join(modules, 'temporal');
  const version = pinnedVersion(moduleDirectory, 'github.com/temporalio/cli');
  const bare = version.slice(1);
  return {
    name: 'temporal',
    version,
    moduleDirectory,
    package: 'github.com/temporalio/cli/cmd/temporal',
    linkerFlags: [`-X github.com/temporalio/cli/temporalcli.Version=${bare}`],
    versionArguments: ['--version'],
    release: ({ os, arch }) => ({
      ...gitHubRelease('temporalio/cli', version, `temporal_cli_${bare}_${os}_${arch}.tar.gz`, 'checksums.txt'),
      member: 'temporal',
    }),
  };
}

function etcd(): Tool {
  const moduleDirectory = join(modules, 'etcd');
  const version = pinnedVersion(moduleDirectory, 'go.etcd.io/etcd/server/v3');
  return {
    name: 'etcd',
    version,
    moduleDirectory,
    package: 'go.etcd.io/etcd/server/v3',
    linkerFlags: [],
    versionArguments: ['--version'],
    release: ({ os, arch }) => {
      const folder = `etcd-${version}-${os}-${arch}`;
      const file = `${folder}.${os === 'linux' ? 'tar.gz' : 'zip'}`;
      return { ...gitHubRelease('etcd-io/etcd', version, file, 'SHA256SUMS'), member: `${folder}/etcd` };
    },
  };
}

function kubernetes(name: string): Tool {
  const moduleDirectory = join(modules, 'kubernetes');
  const version = pinnedVersion(moduleDirectory, 'k8s.io/kubernetes');
  const [major, minor] = version.slice(1).split('.');
  const variable = 'k8s.io/component-base/version';
  return {
    name,
    version,
    moduleDirectory,
    package: `k8s.io/kubernetes/cmd/${name}`,
    linkerFlags: [
      `-X ${variable}.gitVersion=${version}`,
      `-X ${variable}.gitMajor=${major}`,
      `-X ${variable}.gitMinor=${minor}`,
    ],
    versionArguments: ['--version'],
    release: ({ os, arch }) => {
      const url = `https://dl.k8s.io/release/${version}/bin/${os}/${arch}/${name}`;
      return { url, checksumUrl: `${url}.sha256` };
    },
  };
}

/** Its releases come without checksums, so it is always built. */
function kwok(): Tool {
  const moduleDirectory = join(modules, 'kwok');
  const version = pinnedVersion(moduleDirectory, 'sigs.k8s.io/kwok');
  return {
    name: 'kwok',
    version,
    moduleDirectory,
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    linkerFlags: [`-X sigs.k8s.io/kwok/pkg/consts.Version=${version.slice(1)}`],
    versionArguments: ['--version'],
  };
}

function coredns(): Tool {
  const moduleDirectory = join(modules, 'coredns');
  const version = pinnedVersion(moduleDirectory, 'github.com/coredns/coredns');
  return {
    name: 'coredns',
    version,
    moduleDirectory,
    package: 'github.com/coredns/coredns',
    linkerFlags: [],
    versionArguments: ['-version'],
    release: ({ os, arch }) => {
      const file = `coredns_${version.slice(1)}_${os}_${arch}.tgz`;
      return { ...gitHubRelease('coredns/coredns', version, file, `${file}.sha256`), member: 'coredns' };
    },
  };
}

/** Renders the chart for the tests; no part of a lab. */
function helm(): Tool {
  const moduleDirectory = join(modules, 'helm');
  const version = pinnedVersion(moduleDirectory, 'helm.sh/helm/v4');
  return {
    name: 'helm',
    version,
    moduleDirectory,
    package: 'helm.sh/helm/v4/cmd/helm',
    linkerFlags: [`-X helm.sh/helm/v4/internal/version.version=${version}`],
    versionArguments: ['version', '--short'],
    release: ({ os, arch }) => {
      const url = `https://get.helm.sh/helm-${version}-${os}-${arch}.tar.gz`;
      return { url, checksumUrl: `${url}.sha256sum`, member: `${os}-${arch}/helm` };
    },
  };
}

/** An S3 server for the tests; no part of a lab. Built, since its release for a platform has no checksum of its own. */
function versitygw(): Tool {
  const moduleDirectory = join(modules, 'versitygw');
  const version = pinnedVersion(moduleDirectory, 'github.com/versity/versitygw');
  return {
    name: 'versitygw',
    version,
    moduleDirectory,
    package: 'github.com/versity/versitygw/cmd/versitygw',
    linkerFlags: [`-X main.Version=${version}`],
    versionArguments: ['--version'],
  };
}

/** Reads YAML for the tests; no part of a lab. It has its own modules: a change of theirs rebuilds every program. */
function kubectl(): Tool {
  const moduleDirectory = join(modules, 'kubectl');
  return { ...kubernetes('kubectl'), moduleDirectory, versionArguments: ['version', '--client'] };
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
