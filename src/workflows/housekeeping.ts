import { proxyActivities } from '@temporalio/workflow';
import type { HousekeepingOptions, SparkActivities, SweepReport } from '../protocol/index.ts';

const { sweepSparkDrivers } = proxyActivities<SparkActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/**
 * Cleans up after workflows that cannot: releases the drivers of those that were terminated, timed out or whose history
 * is gone, and deletes drivers whose time to live is over. Never touches a driver whose workflow is open. Run by a
 * Temporal Schedule that `temporal-spark setup` creates.
 */
export async function sparkHousekeeping(given?: HousekeepingOptions | null): Promise<SweepReport> {
  const options = given ?? {};
  const { namespaces } = options;
  const summary = `sweep drivers in ${namespaces == null ? 'all namespaces' : [namespaces].flat().join(', ')}`;
  return sweepSparkDrivers.executeWithOptions({ summary }, [options]);
}
