import type { LabBase } from '../base.ts';
import { freePort } from '../ports.ts';
import { checkHealth } from './health.ts';

export interface KubeSchedulerOptions {
  readonly binary: string;
  readonly kubeconfig: string;
  /** Address it listens on, reachable from here. @default "127.0.0.1" */
  readonly address?: string;
  /** @default [] */
  readonly commandPrefix?: readonly string[];
}

export async function startKubeScheduler(base: LabBase, options: KubeSchedulerOptions): Promise<void> {
  const { binary, kubeconfig, address = '127.0.0.1', commandPrefix = [] } = options;
  const port = await freePort();
  await base.step('kube-scheduler', () =>
    base.supervisor.start({
      name: 'kube-scheduler',
      command: binary,
      commandPrefix,
      args: [
        `--kubeconfig=${kubeconfig}`,
        `--bind-address=${address}`,
        `--secure-port=${port}`,
        '--leader-elect=false',
        '--kube-api-qps=1000',
        '--kube-api-burst=1000',
      ],
      ready: (signal) => checkHealth(`https://${address}:${port}/healthz`, signal),
    }),
  );
}
