/** Metrics of the JVM besides Spark's own, by JMX: what the JMX exporter reads. */
export const defaultMetricsProperties = [
  '*.sink.jmx.class=org.apache.spark.metrics.sink.JmxSink',
  'driver.source.jvm.class=org.apache.spark.metrics.source.JvmSource',
  'executor.source.jvm.class=org.apache.spark.metrics.source.JvmSource',
  '',
].join('\n');

interface Rule {
  /** What follows `metrics<name=NAMESPACE.APPLICATION.` in the name of Spark's JMX bean. */
  readonly bean: string;
  readonly attribute: 'Value' | 'Count';
  /** The metric's name; `$1` and `$2` are namespace and application. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const executor = { executor_id: '$3' };

/** The first that fits counts. The names are those that the operator's users have on their dashboards. */
const rules: readonly Rule[] = [
  { bean: String.raw`driver\.(BlockManager|DAGScheduler|jvm)\.(\S+)`, attribute: 'Value', name: 'spark_driver_$3_$4' },
  {
    bean: String.raw`driver\.(\S+)\.StreamingMetrics\.streaming\.(\S+)`,
    attribute: 'Value',
    name: 'spark_streaming_driver_$4',
  },
  {
    bean: String.raw`driver\.spark\.streaming\.(\S+)\.(\S+)`,
    attribute: 'Value',
    name: 'spark_structured_streaming_driver_$4',
    labels: { query_name: '$3' },
  },
  { bean: String.raw`(\S+)\.executor\.(\S+)`, attribute: 'Value', name: 'spark_executor_$4', labels: executor },
  {
    bean: String.raw`driver\.(DAGScheduler|HiveExternalCatalog|CodeGenerator|LiveListenerBus)\.(.*)`,
    attribute: 'Count',
    name: 'spark_driver_$3_$4_count',
  },
  { bean: String.raw`driver\.LiveListenerBus\.(.*)`, attribute: 'Value', name: 'spark_driver_LiveListenerBus_$3' },
  { bean: String.raw`(.*)\.executor\.(.*)`, attribute: 'Count', name: 'spark_executor_$4_count', labels: executor },
  {
    bean: String.raw`([0-9]+)\.(jvm|NettyBlockTransfer)\.(.*)`,
    attribute: 'Value',
    name: 'spark_executor_$4_$5',
    labels: executor,
  },
  {
    bean: String.raw`([0-9]+)\.(HiveExternalCatalog|CodeGenerator)\.(.*)`,
    attribute: 'Count',
    name: 'spark_executor_$4_$5_count',
    labels: executor,
  },
];

/** Configuration of the JMX exporter, as JSON, which is YAML. */
export const defaultExporterConfiguration = JSON.stringify(
  {
    lowercaseOutputName: true,
    attrNameSnakeCase: true,
    rules: rules.map(({ bean, attribute, name, labels }) => ({
      pattern: String.raw`metrics<name=(\S+)\.(\S+)\.${bean}><>${attribute}`,
      name,
      type: attribute === 'Value' ? 'GAUGE' : 'COUNTER',
      labels: { app_namespace: '$1', app_id: '$2', ...labels },
    })),
  },
  null,
  2,
);
