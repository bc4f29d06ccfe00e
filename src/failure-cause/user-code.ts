/** What is not code of users: the JVM, Spark and what it is built on, and the common libraries of connectors. */
const JVM_FRAMEWORKS: readonly string[] = [
  ...['java.', 'javax.', 'jakarta.', 'jdk.', 'sun.', 'com.sun.', 'scala.', 'kotlin.', 'py4j.', 'io.delta.'],
  ...['org.apache.', 'org.sparkproject.', 'io.fabric8.', 'io.netty.', 'io.vertx.', 'okhttp3.', 'okio.', 'org.eclipse.'],
  ...['com.fasterxml.', 'org.json4s.', 'org.codehaus.', 'org.datanucleus.', 'org.glassfish.', 'com.google.'],
  ...['com.amazonaws.', 'software.amazon.', 'com.azure.', 'com.microsoft.', 'com.mysql.', 'org.postgresql.', 'oracle.'],
  ...['net.snowflake.', 'com.esotericsoftware.', 'reactor.', 'shaded.', 'org.slf4j.'],
];
const JVM_EXAMPLES = 'org.apache.spark.examples.';
const PYTHON_FRAMEWORKS: readonly string[] = [
  ...['/pyspark/', 'pyspark.zip', '/py4j/', 'py4j-', '/site-packages/', '/dist-packages/', '/lib/python3', '<frozen'],
];

/**
 * Whether a frame is one of user code.
 *
 * @param frame `com.acme.Orders.main(Orders.java:12)`, with or without its module, or `/app/orders.py:12 in main`
 */
export function isUserFrame(frame: string): boolean {
  if (frame.includes('.py:') || frame.startsWith('<')) return !PYTHON_FRAMEWORKS.some((part) => frame.includes(part));
  if (frame.includes('$$Lambda')) return false;
  const name = withoutModule(frame);
  return name.startsWith(JVM_EXAMPLES) || !JVM_FRAMEWORKS.some((start) => name.startsWith(start));
}

/** Whether an exception is one of Spark, and not of the application or of a language. */
export function isOfSpark(type: string): boolean {
  return ['org.apache.', 'pyspark.', 'py4j.'].some((start) => type.startsWith(start));
}

/** `java.base/java.lang.Thread.run(…)`, `app//com.acme.Orders.main(…)` */
export function withoutModule(frame: string): string {
  const call = frame.indexOf('(');
  const slash = frame.lastIndexOf('/', call === -1 ? frame.length : call);
  return frame.slice(slash + 1);
}
