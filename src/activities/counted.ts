import type { Counting } from '../protocol/index.ts';
import type { ApplicationMetrics } from './application-metrics.ts';

/** The activity, which first counts what its input has new for metrics. */
export const counted =
  <I extends Counting & { readonly namespace: string }, T>(
    metrics: ApplicationMetrics,
    activity: (input: I) => Promise<T>,
  ) =>
  (input: I): Promise<T> => {
    metrics.count(input);
    return activity(input);
  };
