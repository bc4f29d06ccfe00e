/**
 * Serves the Spark operator's resources: watches them, and turns them into starts of workflows and requests to them.
 *
 * @module
 */
export { Operator } from './operator.ts';
export {
  DEFAULT_OPERATOR_OPTIONS,
  type OperatorLog,
  type OperatorOptions,
  type ServedResources,
} from './operator-options.ts';
