import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '5 minutes' });

/** What no application of three steps can be cheaper than. */
export async function threeEmptyActivities(): Promise<void> {
  await nothing();
  await nothing();
  await nothing();
}
