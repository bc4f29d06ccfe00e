import { setTimeout as delay } from 'node:timers/promises';
import { Resources, type CustomObject, type WatchLease } from '../../src/kubernetes/index.ts';
import { asRecord, asText } from '../../src/validation/unknown-data.ts';
import { present } from '../../src/validation/present.ts';
import type { Environment } from '../support/environment.ts';
import { factsOf, missingFact } from './history-facts.ts';
import { RunHistories, type RunHistory } from './run-histories.ts';

/** What a resource showed. */
export interface ShownStatus {
  readonly uid: string;
  readonly generation: number;
  readonly state: string;
  readonly submissionId?: string;
  readonly submissions: number;
  readonly executions: number;
  /** When the attempt began, in milliseconds since the epoch. */
  readonly begunAt?: number;
  /** What the history did not have when it was read after this had been seen. */
  missing?: string;
}

const RETRY_MS = 200;
/** A Temporal server that is killed is back by then. */
const READ_WITHIN_MS = 120_000;

/**
 * Remembers every status of a namespace's resources, over a watch that goes through no proxy, and reads the history of
 * the application for each: what is shown must be in it by then, whatever any clock shows.
 */
export class ResourceObserver {
  private readonly shown = new Map<string, ShownStatus[]>();
  private readonly lease: WatchLease<CustomObject>;
  private readonly histories: RunHistories;
  private readonly namespace: string;
  private readonly reads = new Set<Promise<void>>();

  constructor({ kubernetes, client }: Pick<Environment, 'kubernetes' | 'client'>, namespace: string) {
    this.namespace = namespace;
    this.histories = new RunHistories(client);
    this.lease = kubernetes.watch(Resources.sparkApplications, namespace, '');
    this.lease.subscribe((name, object) => {
      if (object?.status !== undefined) this.see(name, object);
    });
  }

  get ready(): Promise<void> {
    return this.lease.ready;
  }

  /** Once all that was seen was compared with history. */
  async statusesOf(name: string): Promise<readonly ShownStatus[]> {
    await Promise.all(this.reads);
    return this.shown.get(name) ?? [];
  }

  /** Of all runs that the name had. */
  runsOf(name: string): Promise<readonly RunHistory[]> {
    return this.histories.readAll(this.workflowId(name));
  }

  stop(): void {
    this.lease.release();
  }

  private workflowId(name: string): string {
    return `spark/${this.namespace}/${name}`;
  }

  private see(name: string, object: CustomObject): void {
    const status = shownStatus(object);
    const all = this.shown.get(name) ?? [];
    if (JSON.stringify(all.at(-1), KEYS) === JSON.stringify(status, KEYS)) return;
    this.shown.set(name, [...all, status]);
    const read = this.compare(name, status).finally(() => this.reads.delete(read));
    this.reads.add(read);
  }

  private async compare(name: string, status: ShownStatus): Promise<void> {
    for (const end = Date.now() + READ_WITHIN_MS; Date.now() < end; await delay(RETRY_MS)) {
      try {
        const runs = await this.histories.read(this.workflowId(name));
        const missing = missingFact(
          status,
          runs.flatMap(({ events }) => factsOf(events)),
        );
        if (missing !== undefined) status.missing = missing;
        return;
      } catch {
        // Temporal is what was just killed.
      }
    }
    status.missing = 'a history that can be read';
  }
}

/** All but what the history did not have. */
const KEYS = ['uid', 'generation', 'state', 'submissionId', 'submissions', 'executions', 'begunAt'];

function shownStatus({ metadata, status }: CustomObject): ShownStatus {
  const { applicationState, submissionID, submissionAttempts, executionAttempts, lastSubmissionAttemptTime } =
    asRecord(status);
  const begunAt = asText(lastSubmissionAttemptTime);
  return {
    uid: metadata!.uid!,
    generation: metadata!.generation ?? 0,
    state: asText(asRecord(applicationState)['state']) ?? '',
    submissions: Number(submissionAttempts ?? 0),
    executions: Number(executionAttempts ?? 0),
    ...present({
      submissionId: asText(submissionID),
      begunAt: begunAt === undefined ? undefined : Date.parse(begunAt),
    }),
  };
}
