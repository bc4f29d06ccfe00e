import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { startWorkerProcess, type WorkerProcess, type WorkerProcessOptions } from '../../lab/worker-process.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';
import { LaneProcess } from './lane-process.ts';
import type { Clocks } from './setting.ts';

export interface LaneWorkerOptions extends Pick<WorkerProcessOptions, 'kubeconfig' | 'temporalAddress'> {
  readonly taskQueue: string;
  /** Whether each worker has a version, and Temporal routes work by it. @default false */
  readonly versioned?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly clocks?: Clocks | undefined;
  /** At the server itself. */
  readonly client: Client;
}

/** As in the image. */
const NODE_OPTIONS = '--max-semi-space-size=16';

/** A worker that is started again whenever it ends, and of which there may be versions. */
export class LaneWorker extends LaneProcess {
  private readonly options: LaneWorkerOptions;
  private version = 1;

  private constructor(options: LaneWorkerOptions) {
    super('a worker', () => this.startVersion());
    this.options = options;
  }

  static async start(options: LaneWorkerOptions): Promise<LaneWorker> {
    const worker = new LaneWorker(options);
    await worker.run();
    return worker;
  }

  /**
   * Rolls the next version out: it is started, made the current one, and the old one is asked to end.
   *
   * @param asked is called when it is
   */
  async upgrade(asked: () => void): Promise<void> {
    await this.settled();
    const old = this.process!;
    this.version += 1;
    await this.run();
    asked();
    await old.end('SIGTERM');
  }

  protected override async started(): Promise<void> {
    if (this.options.versioned === true) await this.makeCurrent();
  }

  private async startVersion(): Promise<WorkerProcess> {
    const { env, clocks, versioned, taskQueue, ...servers } = this.options;
    return startLaneProcess({
      ...servers,
      taskQueue,
      clocks,
      env: { ...env, ...(versioned === true ? versionOf(taskQueue, this.version) : {}) },
    });
  }

  private async makeCurrent(): Promise<void> {
    const { client, taskQueue } = this.options;
    const buildId = String(this.version);
    await eventually(`version ${buildId} to be known`, () =>
      client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: client.options.namespace,
        deploymentName: taskQueue,
        buildId,
        identity: 'chaos',
      }),
    );
  }
}

const versionOf = (deployment: string, version: number): Record<string, string> => ({
  TEMPORAL_SPARK_BUILD_ID: String(version),
  TEMPORAL_SPARK_DEPLOYMENT_NAME: deployment,
});

/** A worker of a lane, which is not started again. */
export async function startLaneProcess({
  env,
  clocks,
  ...options
}: Pick<LaneWorkerOptions, 'kubeconfig' | 'temporalAddress' | 'taskQueue' | 'env' | 'clocks'>): Promise<WorkerProcess> {
  const { codePath } = await workflowBundle();
  const clock = join(import.meta.dirname, 'skewed-clock.ts');
  return startWorkerProcess({
    ...options,
    env: {
      TEMPORAL_SPARK_WORKFLOW_BUNDLE: codePath,
      NODE_OPTIONS: clocks === undefined ? NODE_OPTIONS : `${NODE_OPTIONS} --import=file://${clock}`,
      ...(clocks === undefined ? {} : { CHAOS_CLOCK_MS: String(clocks.worker) }),
      ...env,
    },
  });
}
