/**
 * The command line of spark-submit as another way to write a SparkApplication, or to specify what is submitted. Not
 * part of the room's index: workflows, which that is bundled into, have no use for it.
 *
 * @module
 */
export {
  ineffectiveFlags,
  otherActions,
  sparkSubmitFlags,
  type IneffectiveFlagName,
  type OtherActionName,
  type SparkSubmitCommandLine,
  type SparkSubmitFlagName,
} from './flags.ts';
export { parseSparkSubmitArguments } from './parse-arguments.ts';
export type { SparkSubmitFiles } from './effective-properties.ts';
export { toSparkApplication, type FromCommandLineOptions, type SubmittedApplication } from './to-spark-application.ts';
export { SPARK_VERSION_ANNOTATION, toSubmission, type ToSubmissionOptions } from './to-submission.ts';
