import { createHash } from 'node:crypto';
import { ScheduleOverlapPolicy, type ScheduleOptions } from '@temporalio/client';
import { durationMs } from '../manifest/duration.ts';
import {
  OverlapPolicy,
  ScheduleAnnotation,
  type ScheduledSparkApplication,
  type ScheduledSparkPipeline,
  type SparkPipeline,
} from '../manifest/index.ts';
import {
  SCHEDULED_SPARK_APPLICATION_WORKFLOW,
  SPARK_PIPELINE_WORKFLOW,
  sparkApplicationWorkflowId,
} from '../workflows/definitions/index.ts';

export type ScheduleManifest = ScheduledSparkApplication | ScheduledSparkPipeline;

/** Memo of each run: a digest of the manifest its schedule was made from, so that applying it again changes nothing. */
export const DIGEST_MEMO = 'scheduleDigest';

/** What was missed for longer is not made up for. The server's own default is a year. */
const CATCH_UP_SECONDS = 3600;

const overlaps: Readonly<Record<OverlapPolicy, ScheduleOverlapPolicy>> = {
  Skip: ScheduleOverlapPolicy.SKIP,
  BufferOne: ScheduleOverlapPolicy.BUFFER_ONE,
  BufferAll: ScheduleOverlapPolicy.BUFFER_ALL,
  CancelOther: ScheduleOverlapPolicy.CANCEL_OTHER,
  AllowAll: ScheduleOverlapPolicy.ALLOW_ALL,
};

/** The operator's words. Replace ends the earlier run gracefully. */
const concurrencyPolicies = {
  Allow: OverlapPolicy.AllowAll,
  Forbid: OverlapPolicy.Skip,
  Replace: OverlapPolicy.CancelOther,
} as const;

export function scheduleIdOf({ kind, metadata }: ScheduleManifest): string {
  const { namespace, name } = metadata;
  return kind === 'ScheduledSparkApplication' ? sparkApplicationWorkflowId(namespace, name) : `pipeline/${name}`;
}

/** The Temporal Schedule that a manifest stands for. */
export function scheduleOptions(
  manifest: ScheduleManifest,
  taskQueue: string,
): ScheduleOptions & { readonly digest: string } {
  const scheduleId = scheduleIdOf(manifest);
  const digest = createHash('sha256')
    .update(JSON.stringify([manifest, taskQueue]))
    .digest('hex')
    .slice(0, 16);
  const { metadata, spec } = manifest;
  const {
    overlap,
    catchUpSeconds = CATCH_UP_SECONDS,
    jitterSeconds = 0,
    pauseOnFailure = false,
  } = settingsOf(manifest);
  const timeZone = zoneOf(spec);
  const summary = `${metadata.name} · ${spec.schedule}${timeZone === 'UTC' ? '' : ` ${timeZone}`}`;
  const common = { type: 'startWorkflow', taskQueue, memo: { [DIGEST_MEMO]: digest }, staticSummary: summary } as const;
  return {
    digest,
    scheduleId,
    spec: {
      ...timesOf(spec.schedule),
      timezone: timeZone,
      ...(jitterSeconds === 0 ? {} : { jitter: jitterSeconds * 1000 }),
    },
    action:
      manifest.kind === 'ScheduledSparkApplication'
        ? { ...common, workflowType: SCHEDULED_SPARK_APPLICATION_WORKFLOW, workflowId: scheduleId, args: [manifest] }
        : {
            ...common,
            workflowType: SPARK_PIPELINE_WORKFLOW,
            workflowId: `${scheduleId}/scheduled`,
            args: [pipelineOf(manifest), { parameters: manifest.spec.parameters ?? {}, timeZone }],
          },
    policies: { overlap: overlaps[overlap], catchupWindow: catchUpSeconds * 1000, pauseOnFailure },
    state: { paused: spec.suspend === true, ...(spec.suspend === true ? { note: 'spec.suspend' } : {}) },
  };
}

interface Settings {
  readonly overlap: OverlapPolicy;
  readonly catchUpSeconds?: number;
  readonly jitterSeconds?: number;
  readonly pauseOnFailure?: boolean;
}

function settingsOf(manifest: ScheduleManifest): Settings {
  if (manifest.kind === 'ScheduledSparkPipeline')
    return { ...manifest.spec, overlap: manifest.spec.overlap ?? OverlapPolicy.Skip };
  const { annotations } = manifest.metadata;
  const catchUp = annotations[ScheduleAnnotation.CatchUp];
  const jitter = annotations[ScheduleAnnotation.Jitter];
  return {
    overlap:
      (annotations[ScheduleAnnotation.Overlap] as OverlapPolicy | undefined) ??
      concurrencyPolicies[manifest.spec.concurrencyPolicy],
    ...(catchUp === undefined ? {} : { catchUpSeconds: durationMs(catchUp)! / 1000 }),
    ...(jitter === undefined ? {} : { jitterSeconds: durationMs(jitter)! / 1000 }),
    pauseOnFailure: annotations[ScheduleAnnotation.PauseOnFailure] === 'true',
  };
}

function pipelineOf({ apiVersion, metadata, spec }: ScheduledSparkPipeline): SparkPipeline {
  return { apiVersion, kind: 'SparkPipeline', metadata, spec: spec.template };
}

const PREFIX = /^(?:CRON_)?TZ=(\S+)\s+/;

/** A zone before the schedule wins over the field, as with the operator. */
function zoneOf({ schedule, timeZone = 'UTC' }: { readonly schedule: string; readonly timeZone?: string }): string {
  return PREFIX.exec(schedule.trim())?.[1] ?? timeZone;
}

/** @every counts from the epoch, not from when the schedule was made: a schedule made anew fires at the same times. */
function timesOf(schedule: string): { intervals: { every: number }[] } | { cronExpressions: string[] } {
  const text = schedule.trim().replace(PREFIX, '');
  const every = /^@every\s+(.+)$/.exec(text)?.[1];
  if (every !== undefined) {
    // Temporal's intervals are whole seconds.
    return { intervals: [{ every: Math.max(Math.round(durationMs(every)! / 1000), 1) * 1000 }] };
  }
  const [minute, hour, day, month, weekday] = text.replaceAll('?', '*').split(/\s+/);
  if (weekday === undefined || isAny(day!) || isAny(weekday)) return { cronExpressions: [text.replaceAll('?', '*')] };
  // Where both days are restricted cron means either, and Temporal would mean both.
  return {
    cronExpressions: [`${minute} ${hour} ${day} ${month} *`, `${minute} ${hour} * ${month} ${weekday}`],
  };
}

const isAny = (field: string): boolean => field.startsWith('*');
