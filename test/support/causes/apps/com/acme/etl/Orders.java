package com.acme.etl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Usage: Orders HOW. An application that fails in that way. */
public final class Orders {
  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "heap" -> fillHeap();
      case "metaspace" -> fillMetaspace();
      case "exit" -> System.exit(3);
      default -> withSpark(args[0]);
    }
  }

  private static void withSpark(String how) throws Exception {
    try (SparkSession spark = SparkSession.builder().appName("orders").getOrCreate()) {
      switch (how) {
        case "nested" -> Loader.load("2026-11-30");
        case "task" -> context(spark).parallelize(Arrays.asList(1, 0), 2).map(n -> 10 / n).collect();
        case "path" -> spark.read().parquet("/data/orders/2026-11-30").show();
        case "column" -> spark.range(3).select("customer").show();
        case "namenode" -> spark.read().text("hdfs://namenode.example.invalid:8020/orders").show();
        case "s3" -> spark.read().text("s3a://orders/2026-11-30").show();
        case "scheme" -> spark.read().text("gs9://orders/2026-11-30").show();
        case "metastore" -> spark.sql("show databases").show();
        case "exists" -> {
          spark.range(3).write().parquet("out");
          spark.range(3).write().parquet("out");
        }
        case "shuffle" -> spark.range(0, 20_000_000L, 1, 2).selectExpr("id", "uuid() u").repartition(4).write().format("noop").mode("append").save();
        case "result" -> spark.range(0, 3_000_000L, 1, 2).collect();
        case "killed-executor" -> context(spark).parallelize(Arrays.asList(1), 1).map(Orders::killItself).collect();
        case "silent" -> System.out.println("no orders for 2026-11-30");
        case "wait" -> Thread.sleep(600_000);
        default -> throw new IllegalArgumentException(how);
      }
    }
  }

  private static JavaSparkContext context(SparkSession spark) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  private static int killItself(int n) throws Exception {
    new ProcessBuilder("kill", "-9", String.valueOf(ProcessHandle.current().pid())).start().waitFor();
    Thread.sleep(60_000);
    return n;
  }

  private static void fillHeap() {
    List<byte[]> kept = new ArrayList<>();
    while (true) kept.add(new byte[16 << 20]);
  }

  private static void fillMetaspace() {
    List<Object> kept = new ArrayList<>();
    for (int n = 0; ; n++) {
      ClassLoader loader = new ClassLoader(Orders.class.getClassLoader()) {};
      kept.add(java.lang.reflect.Proxy.newProxyInstance(loader, new Class<?>[] {Runnable.class}, (p, m, a) -> null));
    }
  }
}
