import { access, constants, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { cacheDirectory } from '../cache.ts';
import type { LabProgress } from '../contract.ts';
import { withFileLock } from '../file-lock.ts';
import { findOnPath } from '../process.ts';
import { buildKey, buildTool, goToolchain } from './build.ts';
import { type DownloadOptions, downloadRelease, publishedChecksum, UnreachableError } from './download.ts';
import type { Platform, Tool } from './tools.ts';

export interface ToolchainOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Called when a download or a build begins and ends; a tool that is at hand is not mentioned. */
  readonly onProgress?: (progress: LabProgress) => void;
  readonly signal?: AbortSignal;
  /** How long a release server may take to answer. @default 3000 */
  readonly connectTimeoutMs?: number;
}

/**
 * Absolute paths of the tools, in their order. Each is the first found of: the path in `TEMPORAL_SPARK_<NAME>` (such as
 * `TEMPORAL_SPARK_KUBE_APISERVER`); a file of that name in `KUBEBUILDER_ASSETS`; one on the PATH with the same major and
 * minor version; the cache; the project's official release (unless `TEMPORAL_SPARK_DOWNLOAD=off`); a build from source.
 */
export async function ensureTools(tools: readonly Tool[], options: ToolchainOptions = {}): Promise<string[]> {
  const search = new ToolSearch(options);
  const found = await Promise.all(tools.map(async (tool) => (await search.atHand(tool)) ?? search.download(tool)));
  const paths: string[] = [];
  for (const [index, tool] of tools.entries()) {
    paths.push(found[index] ?? (await search.build(tool))); // One at a time: a Go build takes all processors.
  }
  return paths;
}

/** Servers that did not answer are not asked again by this process: offline costs one timeout, not one a tool. */
const silentHosts = new Set<string>();

class ToolSearch {
  readonly #options: ToolchainOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #cache: string;
  readonly #whyNotDownloaded = new Map<string, string>();
  #go: Promise<string | undefined> | undefined;

  constructor(options: ToolchainOptions) {
    this.#options = options;
    this.#env = options.env ?? process.env;
    this.#cache = join(cacheDirectory(this.#env), 'bin');
  }

  async atHand(tool: Tool): Promise<string | undefined> {
    return (await this.#explicit(tool)) ?? (await this.#onPath(tool)) ?? (await this.#cached(tool));
  }

  async download(tool: Tool): Promise<string | undefined> {
    if (tool.release === undefined || this.#env['TEMPORAL_SPARK_DOWNLOAD'] === 'off') return undefined;
    const release = tool.release(platform());
    const host = new URL(release.url).host;
    if (silentHosts.has(host)) return undefined;
    const { connectTimeoutMs, signal } = this.#options;
    const options: DownloadOptions = {
      ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
      ...(signal === undefined ? {} : { signal }),
    };
    const target = this.#releasePath(tool);
    try {
      const checksum = await publishedChecksum(release, options);
      await this.#once(tool, target, 'downloaded', `downloading ${tool.version}`, () =>
        downloadRelease(release, checksum, target, options),
      );
      return target;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UnreachableError) silentHosts.add(host);
      this.#whyNotDownloaded.set(tool.name, (error as Error).message);
      return undefined;
    }
  }

  async build(tool: Tool): Promise<string> {
    const target = await this.#buildPath(tool);
    if (target === undefined) {
      throw new Error(
        `${tool.name} ${tool.version} is not on this machine, could not be downloaded, and Go is not installed to ` +
          `build it. Install Go, or set ${pathVariable(tool)} to the program's path.`,
      );
    }
    const { signal } = this.#options;
    const reason = this.#whyNotDownloaded.get(tool.name);
    const doing = `building ${tool.version} from source${reason === undefined ? '' : `, not downloaded (${reason})`}`;
    await this.#once(tool, target, 'built', doing, () => buildTool(tool, target, { env: this.#env, signal }));
    return target;
  }

  async #explicit(tool: Tool): Promise<string | undefined> {
    const variable = pathVariable(tool);
    const path = this.#env[variable];
    if (path !== undefined && path !== '') {
      if (await isExecutable(path)) return path;
      throw new Error(`${variable} is ${path}, which is not an executable file. Correct it or unset it.`);
    }
    const assets = this.#env['KUBEBUILDER_ASSETS'];
    if (assets === undefined || assets === '') return undefined;
    const asset = join(assets, tool.name);
    return (await isExecutable(asset)) ? asset : undefined;
  }

  async #onPath(tool: Tool): Promise<string | undefined> {
    const path = findOnPath(tool.name, this.#env['PATH']);
    if (path === undefined) return undefined;
    try {
      const { all } = await execa(path, tool.versionArguments, { all: true, timeout: 10_000 });
      const found = /v?(\d+)\.(\d+)\.\d+/.exec(all);
      const wanted = /^v(\d+)\.(\d+)\./.exec(tool.version);
      return found?.[1] === wanted?.[1] && found?.[2] === wanted?.[2] ? path : undefined;
    } catch {
      return undefined;
    }
  }

  async #cached(tool: Tool): Promise<string | undefined> {
    for (const path of [this.#releasePath(tool), await this.#buildPath(tool)]) {
      if (path !== undefined && (await isExecutable(path))) return path;
    }
    return undefined;
  }

  #releasePath(tool: Tool): string {
    const { os, arch } = platform();
    return join(this.#cache, tool.name, `${tool.version}-${os}-${arch}-release`, tool.name);
  }

  async #buildPath(tool: Tool): Promise<string | undefined> {
    this.#go ??= goToolchain(this.#env);
    const go = await this.#go;
    if (go === undefined) return undefined;
    return join(this.#cache, tool.name, `${tool.version}-${await buildKey(tool, go)}`, tool.name);
  }

  /** Makes the file unless another process just did, and reports how long it took. */
  async #once(tool: Tool, target: string, done: string, doing: string, make: () => Promise<void>): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    await withFileLock(
      `${dirname(target)}.lock`,
      async () => {
        if (await isExecutable(target)) return;
        const begun = Date.now();
        const report = (status: LabProgress['status'], detail: string): void =>
          this.#options.onProgress?.({ step: tool.name, status, elapsedMs: Date.now() - begun, detail });
        report('started', doing);
        try {
          await make();
        } catch (error) {
          report('failed', (error as Error).message);
          throw error;
        }
        report('done', done);
      },
      this.#options.signal,
    );
  }
}

function pathVariable(tool: Tool): string {
  return `TEMPORAL_SPARK_${tool.name.toUpperCase().replaceAll('-', '_')}`;
}

function platform(): Platform {
  return { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
