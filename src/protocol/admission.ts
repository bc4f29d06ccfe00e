import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { AdmissionTimings, CarriedTimings } from '../timings/index.ts';
import type { RecordedSignal } from './recorded-signal.ts';

/** Workflow type of a queue of applications that wait to be admitted. */
export const ADMISSION_WORKFLOW = 'sparkAdmission';

/** CPU in cores, memory in bytes. */
export interface AdmissionResources {
  readonly cpu: number;
  readonly memory: number;
}

/** What a queue admits at once. @default no limit */
export interface AdmissionLimits {
  readonly maxApplications?: number;
  readonly maxApplicationsPerNamespace?: number;
  /** What their drivers may request together. */
  readonly drivers?: AdmissionResources;
}

/** One attempt that wants to be admitted. */
export interface AdmissionRequest {
  /** Its submission ID. */
  readonly holder: string;
  /** Workflow that is signalled when it is admitted. */
  readonly workflowId: string;
  /** First run of its chain: a later start of the same application is another. */
  readonly runId: string;
  /** Kubernetes namespace of the application. */
  readonly namespace: string;
  /** Value of the driver's PriorityClass: the higher, the earlier. */
  readonly priority: number;
  /** What its driver requests. */
  readonly requests: AdmissionResources;
  /** RFC 3339; since when it has waited. */
  readonly since: string;
}

/** A queue's answer to an attempt: that it is admitted, or its place. */
export interface AdmissionAnswer {
  readonly queue: string;
  readonly holder: string;
  /** Counted from 1. @default it is admitted */
  readonly place?: number;
  /** How many wait. */
  readonly waiting: number;
}

export interface AdmissionStatus {
  readonly queue: string;
  readonly limits: AdmissionLimits;
  /** In the order in which they were admitted. */
  readonly admitted: readonly AdmissionRequest[];
  /** In the order in which they will be admitted. */
  readonly waiting: readonly AdmissionRequest[];
  /** How many follow in each list: Temporal takes no more as an answer. @default none follow */
  readonly more?: { readonly admitted: number; readonly waiting: number };
}

/** Input of the activity that asks a queue to admit an attempt. */
export interface RequestAdmissionInput {
  readonly queue: string;
  readonly taskQueue: string;
  readonly request: AdmissionRequest;
  readonly limits: AdmissionLimits;
}

/** A waiting request as a run of the queue hands it to the next. */
export interface CarriedRequest extends AdmissionRequest {
  /** The place that was last signalled to it, counted from 1. @default none was */
  readonly notified?: number;
}

/** Input of the queue's workflow: from the activity that starts it, or from the run that it continues. */
export interface CarriedAdmission extends CarriedTimings<AdmissionTimings> {
  readonly limits: AdmissionLimits;
  readonly admitted: readonly AdmissionRequest[];
  /** In order. */
  readonly waiting: readonly (AdmissionRequest | CarriedRequest)[];
  /** `notified` of each waiting request, 0 for none: as earlier versions wrote it. @default as the requests have it */
  readonly told?: readonly number[];
  /** The requests that follow, in the form of `src/workflows/lease/packed-rows.ts`. @default none follow */
  readonly packed?: readonly string[];
  /** Signals that the run which was lost received and sent since it began with the rest. @default no run was lost */
  readonly signals?: readonly RecordedSignal[];
}

export const askAdmissionSignal = defineSignal<[AdmissionRequest, AdmissionLimits]>('ask');
export const leaveAdmissionSignal = defineSignal<[{ readonly holder: string }]>('leave');
/** To the application's workflow. */
export const admissionAnswerSignal = defineSignal<[AdmissionAnswer]>('admission');
export const admissionStatusQuery = defineQuery<AdmissionStatus>('status');
