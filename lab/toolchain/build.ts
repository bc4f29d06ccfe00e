import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../command.ts';
import type { Tool } from './tools.ts';

/** The Go toolchain's version and target platform, such as `go1.26.8 linux amd64`; undefined without Go. */
export async function goToolchain(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const printed = await runCommand('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { env, extendEnv: false });
    return printed.trim().split('\n').join(' ');
  } catch {
    return undefined;
  }
}

/** Everything that decides what a build makes. */
export async function buildKey(tool: Tool, go: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(tool.moduleDirectory, file))).update('\0');
  return hash
    .update(JSON.stringify([go, tool.package, linkerFlags(tool)]))
    .digest('hex')
    .slice(0, 16);
}

/** Builds the program from source at `target`; it appears there only when complete. Needs Go and its module proxy. */
export async function buildTool(
  tool: Tool,
  target: string,
  options: { readonly env: NodeJS.ProcessEnv; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const directory = await mkdtemp(join(dirname(target), '.build-'));
  try {
    const program = join(directory, tool.name);
    await runCommand('go', ['build', '-trimpath', '-ldflags', linkerFlags(tool), '-o', program, tool.package], {
      cwd: tool.moduleDirectory,
      // A workspace of the person who builds must not mix into the pinned modules.
      env: { ...options.env, GOWORK: 'off' },
      extendEnv: false,
      signal: options.signal,
    });
    await chmod(program, 0o755);
    await rename(program, target);
  } catch (error) {
    options.signal?.throwIfAborted();
    const { message } = error as Error;
    throw new Error(`could not build ${tool.name} ${tool.version} in ${tool.moduleDirectory}: ${message}`, {
      cause: error,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function linkerFlags(tool: Tool): string {
  return ['-s', '-w', ...tool.linkerFlags].join(' ');
}
