import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RefusalReason, SubmissionRefused } from '../../spark/index.ts';
import {
  SubmitterCapability,
  type CreatedDriver,
  type RenderedDriver,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
  type SubmitterContext,
} from '../contract.ts';
import { createDriver } from '../create-driver.ts';
import { askSpark, refuseWhatSparkNeedNotSee, type SparkSubmitProcess } from './ask-spark.ts';
import { runChild } from './child-process.ts';
import { Slots } from './slots.ts';
import { sparkVersionOf } from './spark-version-of.ts';

export interface SparkSubmitOptions {
  /** Directory of a Spark, of the applications' minor version: `bin/spark-submit` and `jars`. */
  readonly home: string;
  /** How many JVMs may run at once. @default as many as fit into half of the memory that is available */
  readonly maxConcurrent?: number;
  /** Memory of one JVM in MiB, for that default. @default 512 */
  readonly memoryPerJvmMiB?: number;
  /** Milliseconds one may run. @default 120000 */
  readonly timeoutMs?: number;
  /** Names of variables of the worker's environment that it gets in addition to PATH and JAVA_HOME. @default none */
  readonly env?: readonly string[];
}

/** What keeps this machine out of what it makes; no variable of the worker's takes its place. */
const OURS = ['HOME', 'SPARK_CONF_DIR', 'KUBECONFIG'];
const DEFAULT_MEMORY_MIB = 512;

const jvms = new Slots();

/**
 * Submits what Spark's own client builds for a submission, including custom feature steps. spark-submit does not reach
 * the cluster: it gets our API server, which records what it is sent; that is then created, under the names that the
 * attempt decided, as the native submitter creates what it builds. So the next try completes what a JVM or a worker
 * that dies at any moment has left, and no JVM holds credentials.
 */
export class SparkSubmitSubmitter implements SparkApplicationSubmitter {
  readonly name = 'spark-submit';
  readonly capabilities = [SubmitterCapability.SparkClient];
  private readonly options: SparkSubmitOptions;

  constructor(options: SparkSubmitOptions) {
    this.options = options;
  }

  /** Directory of the Spark it runs. */
  get home(): string {
    return this.options.home;
  }

  async submit(request: SubmissionRequest, { kubernetes, signal }: SubmitterContext): Promise<CreatedDriver> {
    this.refuseOtherVersion(request);
    return createDriver(kubernetes, request, await this.render(request, { signal }), signal);
  }

  async render(request: SubmissionRequest, { signal }: Pick<SubmitterContext, 'signal'>): Promise<RenderedDriver> {
    refuseWhatSparkNeedNotSee(request);
    const { maxConcurrent = fittingJvms(this.options) } = this.options;
    return jvms.within(maxConcurrent, signal, () => this.askSpark(request, signal));
  }

  /** Another Spark would build another driver, or one that does not start. Comparisons may still render with it. */
  private refuseOtherVersion({ submission: { sparkVersion } }: SubmissionRequest): void {
    const { home } = this.options;
    const version = sparkVersionOf(home);
    if (version === undefined || minorOf(version) === minorOf(sparkVersion)) return;
    throw new SubmissionRefused({
      reason: RefusalReason.InvalidConfiguration,
      key: 'spec.sparkVersion',
      problem: `is ${sparkVersion}, but the submitter "${this.name}" runs Spark ${version} (${home})`,
      remedy: `Choose another submitter, or set sparkSubmit.home in the file of submitters to a Spark ${minorOf(sparkVersion)}.`,
    });
  }

  private async askSpark(request: SubmissionRequest, signal: AbortSignal): Promise<RenderedDriver> {
    const { home, timeoutMs } = this.options;
    const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-submit-'));
    try {
      const command = join(home, 'bin', 'spark-submit');
      const spark: SparkSubmitProcess = {
        directory,
        fileMode: 0o600,
        run: (args, env, within) =>
          runChild({ command, args, cwd: directory, env: { ...env, ...this.environment() }, signal: within }),
      };
      return await askSpark(request, spark, { signal, timeoutMs });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  private environment(): Record<string, string> {
    const passed = ['PATH', 'JAVA_HOME', ...(this.options.env ?? [])].flatMap((name) =>
      process.env[name] === undefined || OURS.includes(name) ? [] : [[name, process.env[name]]],
    );
    return { ...(Object.fromEntries(passed) as Record<string, string>), SPARK_HOME: this.options.home };
  }
}

const minorOf = (version: string): string => version.split('.', 2).join('.');

function fittingJvms({ memoryPerJvmMiB = DEFAULT_MEMORY_MIB }: SparkSubmitOptions): number {
  return Math.max(1, Math.floor(process.availableMemory() / 2 / (memoryPerJvmMiB * 1024 * 1024)));
}
