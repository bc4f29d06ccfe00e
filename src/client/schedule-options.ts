import { createHash } from 'node:crypto';
import { ScheduleOverlapPolicy, type ScheduleOptions } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import { durationMs } from '../validation/duration.ts';
import { canonicalJson } from '../validation/canonical-json.ts';
import { withoutZone, zoneOfSchedule } from '../manifest/schedule.ts';
import type { ScheduledSparkApplication, ScheduledSparkPipeline, SparkPipeline } from '../manifest/index.ts';
import { OverlapPolicy } from '../manifest/overlap-policy.ts';
import { ScheduleAnnotation } from '../manifest/schedule-annotations.ts';
import {
  applicationAttributes,
  pipelineAttributes,
  SCHEDULED_RESOURCE_WORKFLOW,
  SCHEDULED_SPARK_APPLICATION_WORKFLOW,
  scheduledRunWorkflowId,
  SPARK_PIPELINE_WORKFLOW,
  sparkApplicationWorkflowId,
  sparkPipelineScheduleId,
  sparkPipelineWorkflowId,
  type RunHistoryLimits,
  type ScheduleReference,
} from '../protocol/index.ts';
import { present } from '../validation/present.ts';

export type ScheduleManifest = ScheduledSparkApplication | ScheduledSparkPipeline;

/** What a schedule is made of, and a digest of it. */
export type MadeSchedule = ScheduleOptions & { readonly digest: string };

/** Memo of each run: a digest of all that its schedule was made with, so that making it again changes nothing. */
export const DIGEST_MEMO = 'scheduleDigest';

/** Runs that were missed for longer are not started late. The server's own default is a year. */
const CATCH_UP_SECONDS = 3600;

/** Why a schedule is paused that was not paused by hand. */
export const PauseNote = {
  Suspended: 'spec.suspend',
  /** The latest edit of its resource is invalid. */
  Invalid: 'spec is invalid',
} as const;

const overlaps: Readonly<Record<OverlapPolicy, ScheduleOverlapPolicy>> = {
  Skip: ScheduleOverlapPolicy.SKIP,
  BufferOne: ScheduleOverlapPolicy.BUFFER_ONE,
  BufferAll: ScheduleOverlapPolicy.BUFFER_ALL,
  CancelOther: ScheduleOverlapPolicy.CANCEL_OTHER,
  AllowAll: ScheduleOverlapPolicy.ALLOW_ALL,
};

/** The operator's names. Replace ends the previous run gracefully. */
const concurrencyPolicies = {
  Allow: OverlapPolicy.AllowAll,
  Forbid: OverlapPolicy.Skip,
  Replace: OverlapPolicy.CancelOther,
} as const;

export function scheduleIdOf({ kind, metadata }: ScheduleManifest): string {
  const { namespace, name } = metadata;
  return kind === 'ScheduledSparkApplication'
    ? sparkApplicationWorkflowId(namespace, name)
    : sparkPipelineScheduleId(namespace, name);
}

/** The search attributes of each run, where they are registered. */
export function attributesOf({ kind, metadata: { namespace, name } }: ScheduleManifest): SearchAttributePair[] {
  return kind === 'ScheduledSparkApplication'
    ? applicationAttributes(namespace, name)
    : pipelineAttributes(namespace, name);
}

/**
 * The Temporal Schedule of a manifest.
 *
 * @param resource whose runs are created as resources; without it the runs are applications
 */
export function scheduleOptions(
  manifest: ScheduleManifest,
  taskQueue: string,
  resource?: ScheduleReference,
): MadeSchedule {
  const scheduleId = scheduleIdOf(manifest);
  const { metadata, spec } = manifest;
  const {
    overlap,
    catchUpSeconds = CATCH_UP_SECONDS,
    jitterSeconds = 0,
    pauseOnFailure = false,
  } = settingsOf(manifest);
  const timeZone = zoneOfSchedule(spec);
  const summary = `${metadata.name}${BEFORE_SCHEDULE}${spec.schedule}${afterSchedule(timeZone)}`;
  const common = { type: 'startWorkflow', taskQueue, staticSummary: summary } as const;
  const options = {
    scheduleId,
    spec: {
      ...timesOf(spec.schedule),
      timezone: timeZone,
      ...present({ jitter: jitterSeconds === 0 ? undefined : jitterSeconds * 1000 }),
    },
    action:
      manifest.kind === 'ScheduledSparkApplication'
        ? { ...common, ...runsOf(manifest, scheduleId, resource) }
        : {
            ...common,
            workflowType: SPARK_PIPELINE_WORKFLOW,
            // The time it was due is appended.
            workflowId: sparkPipelineWorkflowId(metadata.namespace, metadata.name, 'scheduled'),
            args: [
              pipelineOf(manifest),
              { parameters: manifest.spec.parameters ?? {}, timeZone, ...historyLimits(manifest) },
            ],
          },
    policies: { overlap: overlaps[overlap], catchupWindow: catchUpSeconds * 1000, pauseOnFailure },
    state: { paused: spec.suspend === true, ...(spec.suspend === true ? { note: PauseNote.Suspended } : {}) },
  } satisfies ScheduleOptions;
  const digest = createHash('sha256').update(canonicalJson(options)).digest('hex').slice(0, 16);
  return { ...options, digest, action: { ...options.action, memo: { ...memoOf(manifest), [DIGEST_MEMO]: digest } } };
}

/** In the summary of each run. */
const BEFORE_SCHEDULE = ' · ';
const afterSchedule = (timeZone: string): string => (timeZone === 'UTC' ? '' : ` ${timeZone}`);

/** The schedule of a manifest, by the summary of its runs: Temporal keeps only what it understands by it. */
export function scheduleOf(summary: string | undefined, timeZone: string): string | undefined {
  const [, ...rest] = summary?.split(BEFORE_SCHEDULE) ?? [];
  const [text] = rest.length === 0 ? [] : [rest.join(BEFORE_SCHEDULE)];
  const end = afterSchedule(timeZone);
  return text && withoutZone(text.endsWith(end) ? text.slice(0, text.length - end.length) : text);
}

/** What a schedule runs, by the memo of its runs. */
export function whatRuns({ pipeline, stages, sparkVersion, image }: Readonly<Record<string, unknown>> = {}): string {
  if (pipeline !== undefined) return `pipeline, ${String(stages)} ${stages === 1 ? 'stage' : 'stages'}`;
  const facts = [
    typeof sparkVersion === 'string' ? `Spark ${sparkVersion}` : '',
    typeof image === 'string' && image !== '' ? `image ${image}` : '',
  ];
  return ['application', ...facts.filter((fact) => fact !== '')].join(', ');
}

function runsOf(
  manifest: ScheduledSparkApplication,
  scheduleId: string,
  resource: ScheduleReference | undefined,
): { readonly workflowType: string; readonly workflowId: string; readonly args: unknown[] } {
  const { namespace, name } = manifest.metadata;
  return resource === undefined
    ? { workflowType: SCHEDULED_SPARK_APPLICATION_WORKFLOW, workflowId: scheduleId, args: [manifest] }
    : {
        workflowType: SCHEDULED_RESOURCE_WORKFLOW,
        workflowId: scheduledRunWorkflowId(namespace, name),
        args: [manifest, resource],
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
    ...present({
      catchUpSeconds: catchUp === undefined ? undefined : durationMs(catchUp)! / 1000,
      jitterSeconds: jitter === undefined ? undefined : durationMs(jitter)! / 1000,
    }),
    pauseOnFailure: annotations[ScheduleAnnotation.PauseOnFailure] === 'true',
  };
}

/** The static details of each run, as of one that is started by hand. */
function memoOf(manifest: ScheduleManifest): Record<string, unknown> {
  if (manifest.kind === 'ScheduledSparkPipeline') {
    return { pipeline: manifest.metadata.name, stages: manifest.spec.template.stages.length };
  }
  const { sparkVersion, image = '' } = manifest.spec.template;
  return { sparkVersion, image };
}

function historyLimits({ metadata, spec }: ScheduledSparkPipeline): { readonly history?: RunHistoryLimits } {
  const { successfulRunHistoryLimit: successful, failedRunHistoryLimit: failed } = spec;
  if (successful === undefined && failed === undefined) return {};
  return {
    history: {
      schedule: `${metadata.namespace}/${metadata.name}`,
      ...present({ successful, failed }),
    },
  };
}

function pipelineOf({ apiVersion, metadata, spec }: ScheduledSparkPipeline): SparkPipeline {
  return { apiVersion, kind: 'SparkPipeline', metadata, spec: spec.template };
}

const EVERY = '@every ';

/**
 * @every counts from the epoch, not from the creation of the schedule: one that is created again fires at the same
 * times.
 */
function timesOf(schedule: string): { intervals: { every: number }[] } | { cronExpressions: string[] } {
  const text = withoutZone(schedule);
  if (text.startsWith(EVERY)) {
    const every = durationMs(text.slice(EVERY.length).trim())!;
    // Temporal's intervals are whole seconds.
    return { intervals: [{ every: Math.max(Math.round(every / 1000), 1) * 1000 }] };
  }
  const [minute, hour, day, month, weekday] = text.replaceAll('?', '*').split(/\s+/);
  if (weekday === undefined || isAny(day!) || isAny(weekday)) return { cronExpressions: [text.replaceAll('?', '*')] };
  // Where both days are restricted cron means either, and Temporal would mean both.
  return {
    cronExpressions: [`${minute} ${hour} ${day} ${month} *`, `${minute} ${hour} * ${month} ${weekday}`],
  };
}

/**
 * A field that restricts nothing. One with a step, such as a third of all days, does: so has it robfig/cron, the
 * operator's.
 */
const isAny = (field: string): boolean => field.split(',').some((part) => part === '*' || part === '*/1');
