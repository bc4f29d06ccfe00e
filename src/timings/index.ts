export { DEFAULT_TIMINGS, resolveTimings, type Timings } from './timings.ts';
export {
  ADMISSION_TIMINGS,
  APPLICATION_TIMINGS,
  carriedTimings,
  PIPELINE_TIMINGS,
  receivedTimings,
  SEMAPHORE_TIMINGS,
  type AdmissionTimings,
  type ApplicationTimings,
  type CarriedTimings,
  type PipelineTimings,
  type SemaphoreTimings,
} from './carried.ts';
