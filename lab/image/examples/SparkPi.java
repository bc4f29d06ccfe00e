package org.apache.spark.examples;

import java.io.IOException;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Usage: SparkPi [partitions]. Prints an estimate of Pi that every run agrees on. */
public final class SparkPi {
  private static final int POINTS_PER_PARTITION = 100_000;

  public static void main(String[] args) throws IOException {
    int partitions = args.length > 0 ? Integer.parseInt(args[0]) : 2;
    try (SparkSession spark = SparkSession.builder().appName("Spark Pi").getOrCreate()) {
      long points = (long) partitions * POINTS_PER_PARTITION;
      long inside =
          JavaSparkContext.fromSparkContext(spark.sparkContext())
              .parallelize(IntStream.range(0, partitions).boxed().toList(), partitions)
              .map(SparkPi::countInside)
              .reduce(Long::sum);
      System.out.println("Pi is roughly " + 4.0 * inside / points);
    }
  }

  /** Points of a sequence that fills the square evenly, so that even one partition gives 3.14. */
  private static long countInside(int partition) {
    long inside = 0;
    for (long i = (long) partition * POINTS_PER_PARTITION; i < (partition + 1L) * POINTS_PER_PARTITION; i++) {
      double x = (0.7548776662466927 * i) % 1;
      double y = (0.5698402909980532 * i) % 1;
      if (x * x + y * y <= 1) inside++;
    }
    return inside;
  }
}
