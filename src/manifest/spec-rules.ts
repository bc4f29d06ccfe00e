/**
 * Rules that span fields. They read the manifest as unknown data, because they run also where its structure is wrong.
 *
 * @module
 */
import type { ProblemPath, Violation } from '../validation/problem.ts';
import type * as z from 'zod';
import { ANNOTATION_PREFIX, ApplicationAnnotation } from './annotations.ts';
import { ConnectAnnotation } from './connect/annotations.ts';
import { didYouMean } from '../validation/closest.ts';
import { MOST_PROBLEMS } from '../validation/check-schema.ts';
import { findLiteralSecrets, findSecretAnnotations } from './literal-secrets.ts';
import { DEFAULT_NAMESPACE, MAX_NAME_LENGTH } from './metadata.ts';
import { readRunSettings } from './run-settings.ts';
import { checkExpressions } from './pipeline/check-expressions.ts';
import { ExpressionTypes } from './pipeline/expression.ts';
import { checkScheduleAnnotations, ScheduleAnnotation } from './schedule-annotations.ts';
import { applicationSizeFault } from './size.ts';
import { findKubernetesProblems } from './kubernetes-problems.ts';
import { checkTemplates } from './template-rules.ts';
import { isTimeZone, SCHEDULE_ALLOWED, scheduleFault } from './schedule.ts';
import { checkSparkConf } from './denied-spark-conf.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../validation/unknown-data.ts';
import { present } from '../validation/present.ts';

type Context = z.core.$RefinementCtx<unknown>;

export function checkSparkApplication(manifest: unknown, context: Context): void {
  const { metadata, spec } = asRecord(manifest);
  report(context, [
    ...checkSize(manifest),
    ...checkMetadata(metadata),
    ...checkAnnotations(asRecord(metadata)),
    ...checkPodGroupName(asRecord(metadata), asRecord(spec)),
    ...checkSecretAnnotations(asRecord(metadata)),
    ...checkSpec(asRecord(spec), ['spec'], asRecord(metadata)),
  ]);
}

// A child is named after its schedule with `-<unix seconds>` appended.
const CHILD_SUFFIX_LENGTH = 11;

export function checkScheduledSparkApplication(manifest: unknown, context: Context): void {
  const { metadata, spec } = asRecord(manifest);
  const { template, ...schedule } = asRecord(spec);
  report(context, [
    ...checkSize(manifest),
    ...checkMetadata(metadata),
    ...checkAnnotations(asRecord(metadata), Object.values(ScheduleAnnotation)),
    ...checkNameFits(asRecord(metadata), CHILD_SUFFIX_LENGTH, 'the names of its runs (a time is appended)'),
    ...checkSchedule(schedule),
    ...checkScheduleAnnotations(asRecord(asRecord(metadata)['annotations'])),
    ...checkSecretAnnotations(asRecord(metadata)),
    ...checkExpressions(template, ['spec', 'template'], {
      types: ExpressionTypes.of({ schedule: { time: 'string', date: 'string' } }),
      stages: [],
    }),
    ...checkSpec(asRecord(template), ['spec', 'template'], asRecord(metadata)),
  ]);
}

/** Whether the manifest fits into the history of a workflow. */
export function checkSize(manifest: unknown): Violation[] {
  const message = applicationSizeFault(manifest);
  if (message === undefined) return [];
  return [{ path: ['spec'], code: 'too_large', message, remedy: 'keep large data in a ConfigMap, a Secret or a file' }];
}

/** Reports broken rules to zod; no more than are explained to the user. */
export function report(context: Context, violations: readonly Violation[]): void {
  for (const { path, message, ...params } of violations.slice(0, MOST_PROBLEMS)) {
    context.addIssue({ code: 'custom', path: [...path], message, params });
  }
}

/** Checks that a manifest has a name by now. */
export function checkMetadata(metadata: unknown): Violation[] {
  if (metadata === undefined) return [];
  const { name, generateName } = asRecord(metadata);
  if (name !== undefined) return [];
  return [
    generateName === undefined
      ? {
          path: ['metadata', 'name'],
          code: 'required',
          message: 'is required',
          remedy: 'set metadata.name or metadata.generateName',
        }
      : {
          path: ['metadata', 'generateName'],
          code: 'unresolved_name',
          message: 'was not completed to a name before the manifest was submitted',
          remedy: 'set metadata.name, or start the application with the CLI or SparkClient, which make the name',
        },
  ];
}

/** Annotations that look like secrets. */
export const checkSecretAnnotations = (metadata: UnknownRecord): Violation[] =>
  allowsLiteralSecrets(metadata) ? [] : findSecretAnnotations(metadata);

/** Whether the author of a manifest accepts that its secrets are readable in the history of its workflow. */
export const allowsLiteralSecrets = (metadata: UnknownRecord): boolean =>
  asRecord(metadata['annotations'])[ApplicationAnnotation.AllowLiteralSecrets] === 'true';

/** Those of an application; that of a session has the time of its last request. */
const knownAnnotations: readonly string[] = [...Object.values(ApplicationAnnotation), ConnectAnnotation.RequestedAt];

/** Our own annotations are settings: a misspelled one must be reported. */
export function checkAnnotations(metadata: UnknownRecord, ofKind: readonly string[] = []): Violation[] {
  const annotations = asRecord(metadata['annotations']);
  const known = [...knownAnnotations, ...ofKind];
  const unknown = Object.keys(annotations).filter((key) => key.startsWith(ANNOTATION_PREFIX) && !known.includes(key));
  return [
    ...unknown.map((key) => ({
      path: ['metadata', 'annotations', key],
      code: 'unrecognized_annotation',
      message: 'is not an annotation of temporal-spark',
      ...present({ remedy: didYouMean(key, known) }),
    })),
    ...readRunSettings(annotations).faults.map(({ annotation, message, allowed }) => ({
      path: ['metadata', 'annotations', annotation],
      code: 'invalid_format',
      message,
      allowed,
    })),
  ];
}

/** Whether the name leaves room for what is appended to it. */
export function checkNameFits(metadata: UnknownRecord, suffixLength: number, what: string): Violation[] {
  const name = asText(metadata['name']);
  const limit = MAX_NAME_LENGTH - suffixLength;
  if (name === undefined || name.length <= limit || name.length > MAX_NAME_LENGTH) return [];
  return [
    {
      path: ['metadata', 'name'],
      code: 'too_long',
      message: `has ${name.length} characters, too many for ${what}`,
      allowed: `at most ${limit} characters`,
    },
  ];
}

/** Other names derived from the application's are shortened; a label's value that is an object's name cannot be. */
function checkPodGroupName(metadata: UnknownRecord, spec: UnknownRecord): Violation[] {
  return spec['batchScheduler'] === 'scheduler-plugins-scheduler'
    ? checkNameFits(metadata, '-pg'.length, 'the label that names its PodGroup')
    : [];
}

/** The times of a schedule and their zone. */
export function checkSchedule({ schedule, timeZone }: UnknownRecord): Violation[] {
  const fault = typeof schedule === 'string' && schedule !== '' ? scheduleFault(schedule) : undefined;
  const zoneIsWrong = typeof timeZone === 'string' && timeZone !== 'Local' && !isTimeZone(timeZone);
  return [
    ...(fault === undefined
      ? []
      : [{ path: ['spec', 'schedule'], code: 'invalid_format', message: fault, allowed: SCHEDULE_ALLOWED }]),
    ...(zoneIsWrong
      ? [
          {
            path: ['spec', 'timeZone'],
            code: 'invalid_format',
            message: 'is not a known time zone',
            allowed: 'an IANA name, for example "Europe/Zurich" or "UTC"',
          },
        ]
      : []),
  ];
}

/** Rules of the spec of an application that stands at a path. */
export function checkSpec(spec: UnknownRecord, at: ProblemPath, metadata: UnknownRecord): Violation[] {
  const namespace = asText(metadata['namespace']) ?? DEFAULT_NAMESPACE;
  const denied = spec['sparkConf'] === undefined ? [] : checkSparkConf(spec, namespace);
  const secrets = allowsLiteralSecrets(metadata) ? [] : findLiteralSecrets(spec);
  const deniedPaths = new Set(denied.map(({ path }) => path.join()));
  return [
    ...checkMode(spec),
    ...checkNodeSelectors(spec),
    ...(hasTemplate(spec) ? checkTemplates(spec) : []),
    ...checkDynamicAllocation(spec),
    ...checkDriverIngressOptions(spec),
    ...findKubernetesProblems(spec),
    ...denied,
    ...secrets.filter(({ path }) => !deniedPaths.has(path.join())),
  ].map((violation) => ({ ...violation, path: [...at, ...violation.path] }));
}

const hasTemplate = ({ driver, executor }: UnknownRecord): boolean =>
  [driver, executor].some((role) => asRecord(role)['template'] !== undefined);

function checkMode(spec: UnknownRecord): Violation[] {
  if (spec['mode'] !== 'client') return [];
  return [
    {
      path: ['mode'],
      code: 'not_supported',
      message: 'would run the driver inside the worker',
      allowed: '"cluster"',
      remedy: 'remove the field: the driver runs in a pod of its own',
    },
  ];
}

function checkNodeSelectors(spec: UnknownRecord): Violation[] {
  if (spec['nodeSelector'] === undefined) return [];
  return ['driver', 'executor']
    .filter((role) => asRecord(spec[role])['nodeSelector'] !== undefined)
    .map((role) => ({
      path: [role, 'nodeSelector'],
      code: 'exclusive',
      message: 'node selector cannot be defined at both SparkApplication and Driver/Executor',
      remedy: 'move spec.nodeSelector into spec.driver.nodeSelector and spec.executor.nodeSelector',
    }));
}

function checkDynamicAllocation(spec: UnknownRecord): Violation[] {
  const { minExecutors, maxExecutors } = asRecord(spec['dynamicAllocation']);
  if (typeof minExecutors !== 'number' || typeof maxExecutors !== 'number' || minExecutors <= maxExecutors) return [];
  return [
    {
      path: ['dynamicAllocation', 'maxExecutors'],
      code: 'too_small',
      message: 'is less than minExecutors',
      allowed: `at least ${minExecutors}`,
    },
  ];
}

function checkDriverIngressOptions(spec: UnknownRecord): Violation[] {
  const options = asList(spec['driverIngressOptions']).map(asRecord);
  return (['servicePort', 'ingressURLFormat'] as const).flatMap((field) => {
    const firsts = new Map<unknown, number>();
    return options.flatMap((option, index) => {
      const first = firsts.get(option[field]);
      if (option[field] === undefined) return [];
      if (first === undefined) {
        firsts.set(option[field], index);
        return [];
      }
      return [
        {
          path: ['driverIngressOptions', index, field],
          code: 'duplicate',
          message: `is the same as in driverIngressOptions[${first}]`,
          remedy: `give each driver ingress its own ${field}`,
        },
      ];
    });
  });
}
