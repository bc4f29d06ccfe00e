export { nameSuffix } from './name-suffix.ts';
export { SparkApplicationFailedError, SparkClient } from './spark-client.ts';
export type {
  ApplicationReference,
  PendingStep,
  SparkApplicationDescription,
  SparkApplicationHandle,
  SparkClientOptions,
  StartOptions,
} from './spark-client.ts';
