import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { AdmissionTimings, CarriedTimings } from '../timings/index.ts';

/** Workflow type of a queue of applications that wait to be admitted. */
export const ADMISSION_WORKFLOW = 'sparkAdmission';

/** CPU in cores, memory in bytes. */
export interface AdmissionResources {
  readonly cpu: number;
  readonly memory: number;
}

/** What a queue lets in at once; what is absent is not limited. */
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
  /** Workflow that is told when it is admitted. */
  readonly workflowId: string;
  /** First run of its chain: a later start of the same application is somebody else. */
  readonly runId: string;
  /** Kubernetes namespace of the application. */
  readonly namespace: string;
  /** Value of the driver's PriorityClass: the higher, the earlier. */
  readonly priority: number;
  /** What its driver requests. */
  readonly requests: AdmissionResources;
  /** RFC 3339; since when it waits, or since when it is in. */
  readonly since: string;
}

/** What a queue tells an attempt: that it is in, or its place. */
export interface AdmissionAnswer {
  readonly queue: string;
  readonly holder: string;
  /** Counted from 1; absent once it is in. */
  readonly place?: number;
  /** How many wait. */
  readonly waiting: number;
}

export interface AdmissionStatus {
  readonly queue: string;
  readonly limits: AdmissionLimits;
  /** In the order in which they came in. */
  readonly admitted: readonly AdmissionRequest[];
  /** In the order in which they are to come in. */
  readonly waiting: readonly AdmissionRequest[];
}

/** Input of the activity that asks a queue to admit an attempt. */
export interface RequestAdmissionInput {
  readonly queue: string;
  readonly taskQueue: string;
  readonly request: AdmissionRequest;
  readonly limits: AdmissionLimits;
}

/** What a run of the queue's workflow begins with: from the activity that started it, or the run that it continues. */
export interface CarriedAdmission extends CarriedTimings<AdmissionTimings> {
  readonly limits: AdmissionLimits;
  readonly admitted: readonly AdmissionRequest[];
  readonly waiting: readonly AdmissionRequest[];
  /** Place that each of those who wait was told last, in their order; 0 for none. @default nobody was told any */
  readonly told?: readonly number[];
}

export const askAdmissionSignal = defineSignal<[AdmissionRequest, AdmissionLimits]>('ask');
export const leaveAdmissionSignal = defineSignal<[{ readonly holder: string }]>('leave');
/** To the application's workflow. */
export const admissionAnswerSignal = defineSignal<[AdmissionAnswer]>('admission');
export const admissionStatusQuery = defineQuery<AdmissionStatus>('status');
