/**
 * The most used settings of Spark SQL, as `knownSettings` has those of a driver: every session reads all of its
 * settings when it is first used, and an application with one that it cannot read ends there. The same in all versions.
 */
export const sqlSettings: Readonly<Record<string, string>> = {
  boolean:
    'spark.sql.adaptive.coalescePartitions.enabled spark.sql.adaptive.enabled spark.sql.adaptive.localShuffleReader.enabled spark.sql.adaptive.skewJoin.enabled spark.sql.ansi.enabled spark.sql.caseSensitive spark.sql.cbo.enabled spark.sql.cbo.joinReorder.enabled spark.sql.codegen.wholeStage spark.sql.crossJoin.enabled spark.sql.execution.arrow.pyspark.enabled spark.sql.execution.arrow.pyspark.fallback.enabled spark.sql.files.ignoreCorruptFiles spark.sql.files.ignoreMissingFiles spark.sql.inMemoryColumnarStorage.compressed spark.sql.optimizer.dynamicPartitionPruning.enabled spark.sql.orc.filterPushdown spark.sql.parquet.enableVectorizedReader spark.sql.parquet.filterPushdown spark.sql.parquet.mergeSchema spark.sql.sources.partitionColumnTypeInference.enabled spark.sql.streaming.schemaInference',
  double: 'spark.sql.adaptive.skewJoin.skewedPartitionFactor',
  int: 'spark.sql.execution.arrow.maxRecordsPerBatch spark.sql.inMemoryColumnarStorage.batchSize',
  'int  1': 'spark.sql.adaptive.coalescePartitions.initialPartitionNum spark.sql.shuffle.partitions',
  long: 'spark.sql.files.maxRecordsPerFile',
  'size b':
    'spark.sql.adaptive.advisoryPartitionSizeInBytes spark.sql.adaptive.autoBroadcastJoinThreshold spark.sql.adaptive.coalescePartitions.minPartitionSize spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes spark.sql.autoBroadcastJoinThreshold spark.sql.files.maxPartitionBytes spark.sql.files.openCostInBytes',
  'time s': 'spark.sql.broadcastTimeout',
};
