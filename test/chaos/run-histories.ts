import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { readResource } from '../../src/protocol/index.ts';
import type { HistoryEvent } from './history-facts.ts';

export interface RunHistory {
  /** Of the resource that it serves. */
  readonly uid: string | undefined;
  readonly events: readonly HistoryEvent[];
}

/** The histories of all runs that workflows had. */
export class RunHistories {
  private readonly client: Client;
  /** Of each workflow, by run, in the order in which they were seen; undefined while one is open. */
  private readonly runs = new Map<string, Map<string, RunHistory | undefined>>();

  constructor(client: Client) {
    this.client = client;
  }

  /** Of the latest run, and of those before that are known. @throws ServiceError */
  async read(workflowId: string): Promise<readonly RunHistory[]> {
    const known = this.known(workflowId);
    const latest = await this.client.workflow.getHandle(workflowId).describe().catch(ifMissing);
    if (latest !== undefined && !known.has(latest.runId)) known.set(latest.runId, undefined);
    return Promise.all([...known].map(async ([runId, closed]) => closed ?? this.readRun(workflowId, runId)));
  }

  /** Of all runs, once the list has them, oldest first. @throws ServiceError */
  async readAll(workflowId: string): Promise<readonly RunHistory[]> {
    const listed: string[] = [];
    const query = `WorkflowId = '${workflowId}'`;
    for await (const { runId } of this.client.workflow.list({ query })) listed.unshift(runId);
    const before = this.known(workflowId);
    const known = new Map(listed.map((runId) => [runId, before.get(runId)] as const));
    for (const [runId, closed] of before) known.set(runId, closed);
    this.runs.set(workflowId, known);
    return this.read(workflowId);
  }

  private known(workflowId: string): Map<string, RunHistory | undefined> {
    const known = this.runs.get(workflowId) ?? new Map<string, RunHistory | undefined>();
    this.runs.set(workflowId, known);
    return known;
  }

  private async readRun(workflowId: string, runId: string): Promise<RunHistory> {
    const run = this.client.workflow.getHandle(workflowId, runId);
    const { memo, status } = await run.describe();
    const { events } = await run.fetchHistory();
    const read = { uid: readResource(memo)?.uid, events: events ?? [] };
    if (status.name !== 'RUNNING') this.known(workflowId).set(runId, read);
    return read;
  }
}

function ifMissing(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
