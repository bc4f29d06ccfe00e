import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  ADMISSION_WORKFLOW,
  admissionStatusQuery,
  admissionWorkflowId,
  type AdmissionStatus,
} from '../protocol/index.ts';
import { explained, RequestError, RequestErrorType } from './explain-request.ts';
import { ANSWER_TIMEOUT_MS } from './requests.ts';

/** A running worker answers within milliseconds, and the place in a queue is a detail of a description. */
const LONGEST_WAIT_MS = 5_000;

/** A queue that could not be read, because no worker answered. */
export class QueueRequestError extends RequestError {
  override readonly name = 'QueueRequestError';
}

/** The queues of pools that take a limited number of applications (docs/placement.md). */
export class QueueClient {
  private readonly client: Client;
  private readonly timeoutMs: number;

  /** @param answerTimeoutMs how long a worker is waited for, at most 5 s */
  constructor(client: Client, answerTimeoutMs = ANSWER_TIMEOUT_MS) {
    this.client = client;
    this.timeoutMs = Math.min(answerTimeoutMs, LONGEST_WAIT_MS);
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
   *
   * @throws QueueRequestError (NoAnswer) where no worker answers
   */
  async describe(queue: string): Promise<AdmissionStatus | undefined> {
    const { client, timeoutMs } = this;
    const workflow = client.workflow.getHandle(admissionWorkflowId(queue));
    try {
      if ((await workflow.describe()).status.name !== 'RUNNING') return undefined;
      return await explained({ client, workflow, verb: 'read', timeoutMs, Rejection: QueueRequestError }, () =>
        client.withDeadline(Date.now() + timeoutMs, () => workflow.query(admissionStatusQuery)),
      );
    } catch (error) {
      const isGone = error instanceof QueueRequestError && error.type !== RequestErrorType.NoAnswer;
      if (isGone || error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }
}
