/**
 * Apache Spark on Kubernetes as durable Temporal workflows: the same as `temporal-spark/client`, and until 1.0 the names
 * that moved to `temporal-spark/worker`. Loads no native core.
 *
 * @module
 */
export * from './client.ts';
export * from './deprecated.ts';
