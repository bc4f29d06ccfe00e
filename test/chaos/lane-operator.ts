import { join } from 'node:path';
import { execa } from 'execa';
import { dieWithParent } from '../../lab/process.ts';
import type { StartedProcess } from './bounded-process.ts';
import { LaneProcess } from './lane-process.ts';

export interface LaneOperatorOptions {
  readonly kubeconfig: string;
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly namespaces: readonly string[];
}

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const READY = 'Serving SparkApplications';
const OUTPUT_KEPT = 20_000;

/** A replica of `temporal-spark operator`, started again whenever it ends. */
export async function startLaneOperator(options: LaneOperatorOptions): Promise<LaneProcess> {
  const operator = new LaneProcess('an operator', () => startOperator(options));
  await operator.run();
  return operator;
}

/** Resolves once it serves; rejects with its last output if it ends first. */
async function startOperator(options: LaneOperatorOptions): Promise<StartedProcess> {
  const { kubeconfig, temporalAddress, taskQueue, namespaces } = options;
  const flags = ['--task-queue', taskQueue, '--namespaces', namespaces.join(',')];
  const [program = '', ...args] = [...dieWithParent(), process.execPath, cli, 'operator', ...flags];
  const child = execa(program, args, {
    ...{ stdin: 'ignore', all: true, buffer: false, reject: false, detached: true, forceKillAfterDelay: false },
    env: { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: 'default', KUBECONFIG: kubeconfig },
  } as const);
  let output = '';
  const ready = new Promise<boolean>((resolve) => {
    child.all.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_KEPT);
      if (output.includes(READY)) resolve(true);
    });
  });
  const exited = child.then(({ exitCode, signal }) => ({ code: exitCode ?? null, signal: signal ?? null }));
  if (!(await Promise.race([ready, exited.then(() => false)])))
    throw new Error(`the operator ended before it was ready. Its last output:\n${output}`);
  return {
    pid: child.pid!,
    exited,
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}
