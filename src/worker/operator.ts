/** What `temporal-spark operator` runs without a worker. */
export { Operator, type OperatorLog } from '../operator/index.ts';
