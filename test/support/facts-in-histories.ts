import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { ApplicationState, type SparkActivities } from '../../src/protocol/index.ts';
import { asRecord } from '../../src/validation/unknown-data.ts';

const SUBMIT = 'submitSparkApplication' satisfies keyof SparkActivities;

export interface RecordedFacts {
  readonly created: number;
  readonly submitted: number;
  readonly refused: number;
  readonly completed: number;
  readonly failed: number;
}

/** How often each fact is in the histories of these applications, by the events of Temporal alone. */
export async function factsInHistories(client: Client, workflowIds: readonly string[]): Promise<RecordedFacts> {
  const facts = { created: 0, submitted: 0, refused: 0, completed: 0, failed: 0 };
  for (const workflowId of workflowIds) {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const submissions = new Set<string>();
    for (const event of events ?? []) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      if (scheduled?.activityType?.name === SUBMIT) submissions.add(String(event.eventId));
      const completed = event.activityTaskCompletedEventAttributes;
      const failed = event.activityTaskFailedEventAttributes;
      if (submissions.has(String(completed?.scheduledEventId))) {
        const [answer] = completed?.result?.payloads ?? [];
        if ('driverPodUid' in asRecord(defaultPayloadConverter.fromPayload(answer!))) facts.submitted += 1;
      }
      if (submissions.has(String(failed?.scheduledEventId))) facts.refused += 1;
      if (event.workflowExecutionStartedEventAttributes) facts.created += 1;
      if (event.workflowExecutionCompletedEventAttributes) facts.completed += 1;
      const ended = event.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo;
      const [detail] = ended?.details?.payloads ?? [];
      if (detail && asRecord(defaultPayloadConverter.fromPayload(detail))['state'] === ApplicationState.Failed) {
        facts.failed += 1;
      }
    }
  }
  return facts;
}
