import type { SparkApplicationManifest } from '../../../manifest/index.ts';
import { asRecord, asText } from '../../../validation/unknown-data.ts';

/** What a manifest configures about Spark's own UI. */
export interface UiConfiguration {
  readonly enabled: boolean;
  /** Of the driver. */
  readonly port: number;
  /** The directory of the event logs; absent where they are off. */
  readonly eventLogDir?: string;
}

const DEFAULT_PORT = 4040;
const DEFAULT_EVENT_LOG_DIR = 'file:///tmp/spark-events';

/** By `spec.sparkConf` and Spark's defaults; the manifest may be unchecked. */
export function uiConfiguration(manifest: SparkApplicationManifest): UiConfiguration {
  const conf = asRecord(asRecord(manifest.spec)['sparkConf']);
  const valueOf = (key: string) => asText(conf[key])?.trim();
  const eventLogs = valueOf('spark.eventLog.enabled')?.toLowerCase() === 'true';
  return {
    enabled: valueOf('spark.ui.enabled')?.toLowerCase() !== 'false',
    port: Number(valueOf('spark.ui.port')) || DEFAULT_PORT,
    ...(eventLogs ? { eventLogDir: valueOf('spark.eventLog.dir') ?? DEFAULT_EVENT_LOG_DIR } : {}),
  };
}

/** The lines of a manifest that switch event logs on. */
export const EVENT_LOG_LINES = [
  'spark.eventLog.enabled: "true"',
  'spark.eventLog.dir: s3a://bucket/spark-events  # a directory that exists and outlives the pods',
] as const;
