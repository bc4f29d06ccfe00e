import type { Lab } from '../../lab/contract.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import type { PipelineStage, SparkPipelineManifest } from '../../src/manifest/index.ts';
import { Annotation, DRIVER_FINALIZER } from '../../src/spark/metadata.ts';
import { connectEnvironment, DriverRecorder, type Environment } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { sparkPi } from '../support/manifests.ts';
import { makeNamespace } from '../support/namespace.ts';
import { startWorkerProcess, type WorkerProcess } from '../../lab/worker-process.ts';
import { sample } from './sample.ts';

/** Where in a pipeline something is killed. */
const Moment = {
  /** Some items run, some wait. */
  FanOut: 'in the middle of a fan-out',
  BetweenStages: "between a stage's end and the next one's start",
  ContinueAsNew: 'as it continues as new',
} as const;
type Moment = (typeof Moment)[keyof typeof Moment];

/** What is killed with SIGKILL, and started again. */
const Victim = { Worker: 'worker', Temporal: 'Temporal server' } as const;
type Victim = (typeof Victim)[keyof typeof Victim];

export interface UnderFire {
  /** What was killed, and when. */
  readonly kills: readonly string[];
  /** Kills that came too late for their moment. */
  readonly missed: readonly string[];
  /** As Temporal reports it. */
  readonly state: string;
  /** Stages and items that had no driver. */
  readonly lost: readonly string[];
  /** Those that had more than one, or more than one run of their workflow. */
  readonly doubled: readonly string[];
  /** Drivers that still had their finalizer when all was over. */
  readonly stuck: readonly string[];
  /** Stages and items there were. */
  readonly units: number;
  /** Times the pipeline continued as new. */
  readonly continued: number;
  readonly seconds: number;
}

const ITEMS = 5;
/** So few events that the pipeline continues as new again and again, also while children run. */
const MAX_HISTORY_EVENTS = 30;
const COME_MS = 120_000;
const END_MS = 240_000;

/** Fan-out, stage, stage, and so on. */
function pipelineOf(namespace: string, rounds: number): SparkPipelineManifest {
  const { spec } = sparkPi({ annotations: { 'lab.temporal-spark/run-seconds': '1' } });
  const stages = Array.from({ length: rounds }, (_, round): PipelineStage[] => [
    {
      name: `fan-${round}`,
      template: 'pi',
      forEach: { range: { to: ITEMS - 1 }, maxConcurrent: 3 },
      ...(round === 0 ? {} : { dependsOn: [`next-${round - 1}`] }),
    },
    { name: `one-${round}`, template: 'pi', dependsOn: [`fan-${round}`] },
    { name: `next-${round}`, template: 'pi', dependsOn: [`one-${round}`] },
  ]);
  return {
    apiVersion: 'temporal-spark/v1alpha1',
    kind: 'SparkPipeline',
    metadata: { name: 'under-fire', namespace },
    spec: { templates: { pi: { spec } }, stages: stages.flat() },
  };
}

/**
 * Runs a pipeline of Spark applications in which a worker or the Temporal server is killed and started again, and counts
 * what became of its stages. Three kills are at all moments and of both victims, six are all there are.
 *
 * @param lab one that keeps Temporal's state
 */
export async function runUnderFire(
  lab: Lab,
  { kills: count, seed }: { readonly kills: number; readonly seed: string },
): Promise<UnderFire> {
  const namespace = await makeNamespace(lab.kubeconfig, 'under-fire');
  const env = await connectEnvironment({
    kubeconfig: lab.kubeconfig,
    temporalAddress: lab.temporal!.address,
    namespace,
  });
  const drivers = new DriverRecorder(env.kubernetes, namespace);
  try {
    await drivers.ready;
    const begun = Date.now();
    const run = new Run(lab, env, drivers, seed);
    const counted = await run.execute(count);
    return { ...counted, seconds: (Date.now() - begun) / 1000 };
  } finally {
    drivers.stop();
    await env.close();
  }
}

class Run {
  private readonly lab: Lab;
  private readonly env: Environment;
  private readonly drivers: DriverRecorder;
  private readonly seed: string;

  constructor(lab: Lab, env: Environment, drivers: DriverRecorder, seed: string) {
    this.lab = lab;
    this.env = env;
    this.drivers = drivers;
    this.seed = seed;
  }

  async execute(count: number): Promise<Omit<UnderFire, 'seconds'>> {
    const moments = sample(Object.values(Moment), 3, this.seed);
    const victims = sample(Object.values(Victim), 2, this.seed);
    // Each moment may come a round later than the one before.
    const manifest = pipelineOf(this.env.namespace, count + 2);
    let worker = await startWorkerProcess(this.env);
    const missed: string[] = [];
    const kills: string[] = [];
    try {
      const { workflowId } = await this.env.spark.pipelines.start(manifest, {
        run: this.env.namespace,
        maxHistoryEvents: MAX_HISTORY_EVENTS,
      });
      for (let n = 0; n < count; n += 1) {
        const [moment, victim] = [moments[n % 3]!, victims[n % 2]!];
        const kill = `${victim} ${moment}`;
        kills.push(kill);
        const inTime = await this.moment(moment, n, workflowId);
        worker = await this.kill(victim, worker, () => {
          if (!inTime()) missed.push(kill);
        });
      }
      const state = await this.endOf(workflowId);
      return { kills, missed, state, ...(await this.count(manifest, workflowId)) };
    } finally {
      await worker.end();
    }
  }

  /** Waits for a moment; it resolves with a function that returns whether it is still that moment. */
  private async moment(moment: Moment, n: number, workflowId: string): Promise<() => boolean> {
    switch (moment) {
      case Moment.FanOut: {
        const round = this.nextRound('fan');
        const items = (): number => this.driversOf(`fan-${round}`).length;
        const wanted = 1 + sample([0, 1, 2], 1, `${this.seed} ${n}`)[0]!;
        await promptly('items of a fan-out to run', () => items() >= wanted);
        return () => items() < ITEMS;
      }
      case Moment.BetweenStages: {
        const round = this.nextRound('one');
        const [atEnd] = sample([true, false], 1, `${this.seed} ${n}`);
        await promptly('a stage to end', () =>
          this.driversOf(`one-${round}`).some(({ metadata, status }) =>
            atEnd ? status?.phase === 'Succeeded' : metadata!.finalizers === undefined,
          ),
        );
        return () => this.driversOf(`next-${round}`).length === 0;
      }
      case Moment.ContinueAsNew: {
        const pipeline = this.env.client.workflow.getHandle(workflowId);
        const { runId } = await eventually('Temporal to answer', () => pipeline.describe());
        await promptly('the pipeline to continue as new', async () => (await pipeline.describe()).runId !== runId);
        return () => true;
      }
      default:
        return moment satisfies never;
    }
  }

  /** The first round of which no driver of that stage is there yet. */
  private nextRound(stage: string): number {
    let round = 0;
    while (this.driversOf(`${stage}-${round}`).length > 0) round += 1;
    return round;
  }

  private driversOf(stage: string): Pod[] {
    return [...this.drivers.seen.values()].filter(
      ({ metadata }) => metadata!.labels?.['temporal-spark/stage'] === stage,
    );
  }

  /** @param killed is called when it is gone, before it is started again */
  private async kill(victim: Victim, worker: WorkerProcess, killed: () => void): Promise<WorkerProcess> {
    if (victim === Victim.Worker) {
      await worker.end('SIGKILL');
      killed();
      return startWorkerProcess(this.env);
    }
    const temporal = this.lab.components['temporal']!;
    await temporal.kill('SIGKILL');
    killed();
    await temporal.start();
    return worker;
  }

  private endOf(workflowId: string): Promise<string> {
    return eventually(
      'the pipeline to end',
      async () => {
        const { status } = await this.env.client.workflow.getHandle(workflowId).describe();
        return status.name !== 'RUNNING' && status.name;
      },
      { timeoutMs: END_MS },
    );
  }

  private async count(
    { spec }: SparkPipelineManifest,
    workflowId: string,
  ): Promise<Pick<UnderFire, 'lost' | 'doubled' | 'stuck' | 'units' | 'continued'>> {
    const units = spec.stages.flatMap(({ name, forEach }) =>
      forEach === undefined
        ? [`${workflowId}/${name}`]
        : Array.from({ length: ITEMS }, (_, index) => `${workflowId}/${name}/${index}`),
    );
    const drivers = tally(
      [...this.drivers.seen.values()].map(({ metadata }) => metadata!.annotations![Annotation.WorkflowId]!),
    );
    const runs = await this.runsOf(workflowId, units.length);
    const stuck: string[] = [];
    for await (const page of this.env.kubernetes.list(Resources.pods, this.env.namespace)) {
      for (const { metadata } of page) {
        if (metadata!.finalizers?.includes(DRIVER_FINALIZER) === true) stuck.push(metadata!.name!);
      }
    }
    return {
      lost: units.filter((unit) => !drivers.has(unit)),
      doubled: units.filter((unit) => (drivers.get(unit) ?? 0) > 1 || (runs.get(unit) ?? 0) > 1),
      stuck,
      units: units.length,
      continued: (runs.get(workflowId) ?? 1) - 1,
    };
  }

  /** How many runs each workflow had, when at least that many are listed: what is listed lags behind. */
  private runsOf(workflowId: string, children: number): Promise<Map<string, number>> {
    return eventually('all workflows to be listed', async () => {
      const ids: string[] = [];
      const query = `WorkflowId STARTS_WITH "${workflowId}"`;
      for await (const workflow of this.env.client.workflow.list({ query })) ids.push(workflow.workflowId);
      const runs = tally(ids);
      return runs.size > children && runs;
    });
  }
}

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** As `eventually`, but so often that what was waited for has only just come. */
async function promptly(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(what, look, { timeoutMs: COME_MS, intervalMs: 5 });
}
