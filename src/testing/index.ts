/**
 * For tests of your own: what every submitter has to do, to be run against a real cluster.
 *
 * @module
 */
export {
  ConformanceViolation,
  submitterConformance,
  type ConformanceCheck,
  type ConformanceOptions,
} from './conformance.ts';
