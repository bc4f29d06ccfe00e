import * as z from 'zod';
import { ArchivedLogs, readArchiveUrl } from '../logs/index.ts';

/** Where a worker keeps the logs of drivers, and whose. */
export interface LogArchiveConfiguration {
  /** A directory, or `s3://bucket/prefix` (docs/logs.md). */
  readonly url: string;
  /** Where an application does not specify it. @default "driver" */
  readonly archived: ArchivedLogs;
}

/** The environment variables it is read from. */
export const logArchiveVariables = {
  TEMPORAL_SPARK_LOG_ARCHIVE: z
    .string()
    .min(1)
    .superRefine((url, context) => {
      try {
        readArchiveUrl(url);
      } catch (error) {
        context.addIssue((error as Error).message);
      }
    })
    .optional(),
  TEMPORAL_SPARK_ARCHIVED_LOGS: z.enum(ArchivedLogs).default('driver'),
} satisfies z.ZodRawShape;

type Variables = z.output<z.ZodObject<typeof logArchiveVariables>>;

export function logArchiveOf(variables: Variables): { readonly logArchive?: LogArchiveConfiguration } {
  const url = variables.TEMPORAL_SPARK_LOG_ARCHIVE;
  if (url === undefined) return {};
  return { logArchive: { url, archived: variables.TEMPORAL_SPARK_ARCHIVED_LOGS } };
}
