/**
 * For your own tests: what every submitter must do, to be run against a real cluster.
 *
 * @module
 */
export { submitterConformance, type ConformanceCheck } from './conformance.ts';
export type { ConformanceOptions } from './conformance/options.ts';
export { ConformanceViolation } from './conformance/violation.ts';
