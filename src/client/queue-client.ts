import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  ADMISSION_WORKFLOW,
  admissionStatusQuery,
  admissionWorkflowId,
  type AdmissionStatus,
} from '../protocol/index.ts';

/** The queues of pools that take a limited number of applications (docs/placement.md). */
export class QueueClient {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  /** Names of the queues with admitted or waiting applications, as far as Temporal's visibility has seen them. */
  async list(): Promise<string[]> {
    const query = `WorkflowType = '${ADMISSION_WORKFLOW}' AND ExecutionStatus = 'Running'`;
    const names: string[] = [];
    for await (const { workflowId } of this.client.workflow.list({ query })) {
      names.push(workflowId.slice(admissionWorkflowId('').length));
    }
    return names.sort();
  }

  /**
   * The admitted and the waiting applications, in order; undefined where the queue does not exist, because it is empty.
   */
  async describe(queue: string): Promise<AdmissionStatus | undefined> {
    try {
      const handle = this.client.workflow.getHandle(admissionWorkflowId(queue));
      if ((await handle.describe()).status.name !== 'RUNNING') return undefined;
      return await this.client.withDeadline(Date.now() + 5_000, () => handle.query(admissionStatusQuery));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }
}
