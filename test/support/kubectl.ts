import { execa } from 'execa';
import { ensureTools } from '../../lab/toolchain/toolchain.ts';
import { tools } from '../../lab/toolchain/tools.ts';

export interface KubectlOptions {
  /** For `-f -`. @default nothing */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface KubectlResult {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs until it is stopped, such as `get --watch`. */
export interface RunningKubectl {
  /** What it has printed so far. */
  readonly lines: () => readonly string[];
  stop(): Promise<void>;
}

/** The kubectl of the lab, in one namespace, as a user has it. */
export interface Kubectl {
  /** What it prints. @throws where it fails, with what it printed */
  (args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** For a command that may fail. */
  attempt(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  watch(args: readonly string[]): RunningKubectl;
}

export interface KubectlAt {
  readonly kubeconfig: string;
  readonly namespace: string;
}

/** Built or downloaded where this machine does not have it. */
export async function kubectlAt({ kubeconfig, namespace }: KubectlAt): Promise<Kubectl> {
  const [program] = (await ensureTools([tools.kubectl])) as [string];
  const start = (args: readonly string[], { stdin = '', env = {} }: KubectlOptions = {}) =>
    execa(program, ['--namespace', namespace, ...args], {
      ...{ env: { KUBECONFIG: kubeconfig, ...env }, input: stdin, reject: false },
    });
  const attempt = async (args: readonly string[], options?: KubectlOptions): Promise<KubectlResult> => {
    const { exitCode, stdout, stderr } = await start(args, options);
    return { code: exitCode, stdout, stderr };
  };
  const run = async (args: readonly string[], options?: KubectlOptions): Promise<string> => {
    const { code, stdout, stderr } = await attempt(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  return Object.assign(run, {
    attempt,
    watch: (args: readonly string[]): RunningKubectl => {
      let printed = '';
      const child = start(args);
      child.stdout.on('data', (chunk) => (printed += String(chunk)));
      return {
        lines: () => printed.split('\n').filter((line) => line !== ''),
        async stop() {
          child.kill();
          await child;
        },
      };
    },
  });
}
