import type { Client } from '@temporalio/client';
import {
  KubernetesErrorType,
  PatchType,
  Resources,
  type CustomObject,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import { ManifestError, parseManifest, type ScheduledSparkApplication } from '../../manifest/index.ts';
import { Label } from '../../spark/metadata.ts';
import { canonicalJson } from '../../validation/canonical-json.ts';
import { present } from '../../validation/present.ts';
import { ignoreChanged } from '../ignore-changed.ts';
import { DEFAULT_OPERATOR_OPTIONS, type OperatorOptions } from '../operator-options.ts';
import { ReconcileLoop } from '../reconcile-loop.ts';
import { keyOf, namesOf, readSparkApplication } from '../resource.ts';
import { ResourceViews } from '../served-resources.ts';
import { Warnings } from '../warnings.ts';
import { scheduleStatus, type Run, type ScheduleFacts } from './schedule-status.ts';
import { Schedules, type ServedSchedule } from './schedules.ts';

/** Milliseconds until a resource is reconciled again. */
const Again = {
  /** Temporal creates a run, or leaves it out, some moments after it is due. */
  AfterRun: 2_000,
  /** At least, however often runs are due. */
  AtLeast: 5_000,
  /** Another has its name. */
  Later: 10_000,
  /** The longest that a timer of Node can be set for. */
  AtMost: 2 ** 31 - 1,
} as const;

/** Each comparison asks Temporal for each schedule. */
const RESYNC_MS = 300_000;

/** What its schedule was made of, so that a change of a run does not ask Temporal. */
interface Applied extends ServedSchedule {
  readonly uid: string;
  readonly generation: number;
  /** Labels and annotations have no generation. */
  readonly metadata: string;
}

/**
 * Serves ScheduledSparkApplications: each is the Temporal Schedule `spark/<namespace>/<name>`, whose runs create
 * SparkApplications. The status follows from these and from the schedule.
 */
export class ScheduleOperator {
  private readonly kubernetes: KubernetesClient;
  private readonly options: OperatorOptions & typeof DEFAULT_OPERATOR_OPTIONS;
  private readonly schedules: Schedules;
  private readonly loop: ReconcileLoop;
  private readonly runs: ResourceViews;
  /** By key. */
  private readonly applied = new Map<string, Applied>();
  private readonly warnings: Warnings;

  private constructor(client: Client, kubernetes: KubernetesClient, options: OperatorOptions) {
    this.kubernetes = kubernetes;
    this.options = { ...DEFAULT_OPERATOR_OPTIONS, resyncMs: RESYNC_MS, ...options };
    this.schedules = new Schedules(client, this.options.taskQueue);
    this.warnings = new Warnings(kubernetes, Resources.scheduledSparkApplications, this.options.log);
    this.loop = new ReconcileLoop(kubernetes, Resources.scheduledSparkApplications, this.options, {
      reconcile: (key) => this.reconcile(key),
      compare: () => this.compare(),
      // A role that was made for SparkApplications alone must not end a worker.
      waitsFor: [KubernetesErrorType.NotServed, KubernetesErrorType.Forbidden],
    });
    // The runs of a selected schedule have its labels.
    this.runs = new ResourceViews(kubernetes, Resources.sparkApplications, options, (key) => this.runChanged(key));
  }

  /** @throws KubernetesError, ServiceError */
  static async start(
    client: Client,
    kubernetes: KubernetesClient,
    options: OperatorOptions,
  ): Promise<ScheduleOperator> {
    const operator = new ScheduleOperator(client, kubernetes, options);
    try {
      await operator.loop.start();
    } catch (error) {
      operator.runs.close();
      throw error;
    }
    return operator;
  }

  /** Leaves all schedules as they are. */
  async stop(): Promise<void> {
    this.runs.close();
    await this.loop.stop();
  }

  /** Finds what was missed: resources that differ from their schedules, and schedules without a resource. */
  private async compare(): Promise<void> {
    this.applied.clear();
    for await (const { namespace, name } of this.schedules.all()) {
      if (this.loop.views.serves(namespace)) this.loop.add(keyOf({ namespace, name }));
    }
    for (const key of this.loop.views.keys()) this.loop.add(key);
  }

  /** The last one of a schedule may be gone: it is found by its name, `<schedule>-<time>`. */
  private runChanged(key: string): void {
    const { namespace, name } = namesOf(key);
    const schedule = keyOf({ namespace, name: name.replace(/-\d+$/, '') });
    if (this.loop.views.get(namespace, namesOf(schedule).name) !== undefined) this.loop.add(schedule);
  }

  private async reconcile(key: string): Promise<number | undefined> {
    const { namespace, name } = namesOf(key);
    const object = this.loop.views.get(namespace, name);
    if (object === undefined || object.metadata?.deletionTimestamp !== undefined) return this.end(namespace, name);
    // Its status is about all of its runs.
    await this.runs.ready();
    const read = readSchedule(object);
    const { uid = '' } = object.metadata ?? {};
    if (read instanceof ManifestError) {
      await this.schedules.pauseInvalid(namespace, name, { uid });
      await this.warnings.record({ namespace, name, uid }, { reason: 'FailedValidation', message: read.message });
      await this.show(object, { fault: read.message });
      return undefined;
    }
    const served = await this.apply(key, object, read);
    if (served === undefined) {
      await this.warnings.record(
        { namespace, name, uid },
        {
          reason: 'NameInUse',
          message: `a Temporal Schedule that serves no resource of this task queue has its name; it is served once that is deleted (temporal-spark schedule delete)`,
        },
      );
      return Again.Later;
    }
    this.warnings.over(key);
    const { successfulRunHistoryLimit: successful, failedRunHistoryLimit: failed } = read.spec;
    await this.show(object, { ...served, limits: { successful, failed } });
    if (served.nextRun === undefined) return undefined;
    const dueInMs = served.nextRun.getTime() + Again.AfterRun - Date.now();
    return Math.min(Again.AtMost, Math.max(Again.AtLeast, dueInMs));
  }

  /** @returns undefined where another has its name */
  private async apply(
    key: string,
    { metadata }: CustomObject,
    manifest: ScheduledSparkApplication,
  ): Promise<ServedSchedule | undefined> {
    const { uid = '', generation = 0, labels, annotations } = metadata ?? {};
    const wanted = { uid, generation, metadata: canonicalJson({ labels, annotations }) };
    const known = this.applied.get(key);
    const isSame = known?.uid === uid && known.generation === generation && known.metadata === wanted.metadata;
    if (isSame && (known.nextRun === undefined || known.nextRun.getTime() > Date.now())) return known;
    const served = await this.schedules.apply(manifest, { uid });
    if (served === undefined) this.applied.delete(key);
    else this.applied.set(key, { ...wanted, ...served });
    return served;
  }

  /** Writes the status where it differs, and deletes the runs beyond the limits of the history. */
  private async show(object: CustomObject, facts: Omit<ScheduleFacts, 'before' | 'runs'>): Promise<void> {
    const { namespace = '', name = '', resourceVersion } = object.metadata ?? {};
    const { status, expired } = scheduleStatus({ ...facts, before: object.status, runs: this.runsOf(object) });
    if (canonicalJson(status) !== canonicalJson(object.status ?? {})) {
      const patch = [
        { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
        { op: 'add', path: '/status', value: status },
      ];
      const kind = Resources.scheduledSparkApplicationStatuses;
      // Where the object has changed, its change is on the way, and is reconciled.
      await this.kubernetes.patch(kind, namespace, name, PatchType.Json, patch).catch(ignoreChanged);
    }
    for (const { name: run, uid } of expired) {
      const options = { uid, propagationPolicy: 'Background' as const };
      await this.kubernetes.delete(Resources.sparkApplications, namespace, run, options).catch(ignoreChanged);
    }
  }

  private runsOf({ metadata: { namespace = '', name = '', uid } = {} }: CustomObject): Run[] {
    const runs: Run[] = [];
    for (const run of this.runs.list({ namespace, label: Label.ScheduledAppName, value: name })) {
      const { ownerReferences, deletionTimestamp, creationTimestamp = '' } = run.metadata ?? {};
      if (deletionTimestamp !== undefined || ownerReferences?.some((owner) => owner.uid === uid) !== true) continue;
      const { name: runName, uid: runUid, state } = readSparkApplication(run);
      runs.push({ name: runName, uid: runUid, createdAt: creationTimestamp, ...present({ state }) });
    }
    return runs;
  }

  /** Deletes the schedule of a resource that is deleted, or is being deleted. */
  private async end(namespace: string, name: string): Promise<undefined> {
    const key = keyOf({ namespace, name });
    this.applied.delete(key);
    this.warnings.over(key);
    if (!this.loop.views.serves(namespace)) return;
    const uid = await this.schedules.servedBy(namespace, name);
    if (uid === undefined) return;
    const found = await this.kubernetes.get(Resources.scheduledSparkApplications, namespace, name);
    // It no longer matches the selector, or has come back.
    if (found?.metadata?.uid === uid && found.metadata.deletionTimestamp === undefined) return;
    await this.schedules.delete(namespace, name);
  }
}

/** Valid, or why it is not. */
function readSchedule({ apiVersion, kind, metadata, spec }: CustomObject): ScheduledSparkApplication | ManifestError {
  const { namespace, name, labels, annotations } = metadata ?? {};
  try {
    const written: unknown = { apiVersion, kind, metadata: present({ namespace, name, labels, annotations }), spec };
    return parseManifest(written) as ScheduledSparkApplication;
  } catch (error) {
    if (error instanceof ManifestError) return error;
    throw error;
  }
}
