package org.apache.spark.examples;

import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/** Usage: RunUntilKilled. Says that it is there every second and never ends by itself. */
public final class RunUntilKilled {
  public static void main(String[] args) throws IOException, InterruptedException {
    try (SparkSession spark = SparkSession.builder().appName("Run until killed").getOrCreate()) {
      for (int second = 0; ; second++) {
        System.out.println("Running for " + second + " s");
        Thread.sleep(1000);
      }
    }
  }
}
