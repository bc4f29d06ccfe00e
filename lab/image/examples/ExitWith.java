package org.apache.spark.examples;

import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/** Usage: ExitWith CODE, or ExitWith MESSAGE to end with an exception. */
public final class ExitWith {
  public static void main(String[] args) throws IOException {
    try (SparkSession spark = SparkSession.builder().appName("Exit with " + args[0]).getOrCreate()) {
      if (!args[0].matches("\\d+")) throw new IllegalStateException(args[0]);
    }
    System.exit(Integer.parseInt(args[0]));
  }
}
