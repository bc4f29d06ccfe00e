"""Usage: orders.py HOW. An application that fails in that way."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import udf


def load(day):
    orders = {"2026-11-29": 3}
    return orders[day]


def load_or_fail(day):
    try:
        return load(day)
    except KeyError as error:
        raise RuntimeError(f"cannot load the orders of {day}") from error


def rate(n):
    return 10 // n


def fill(n):
    kept = []
    while True:
        kept.append(bytearray(16 << 20))


def main(how):
    spark = SparkSession.builder.appName("orders").getOrCreate()
    if how == "exception":
        load("2026-11-30")
    elif how == "from":
        load_or_fail("2026-11-30")
    elif how == "path":
        spark.read.parquet("/data/orders/2026-11-30").show()
    elif how == "column":
        spark.range(3).select("customer").show()
    elif how == "task":
        spark.sparkContext.parallelize([1, 0], 2).map(rate).collect()
    elif how == "udf":
        spark.range(2).select(udf(rate, "long")("id")).collect()
    elif how == "result":
        spark.range(0, 3_000_000, 1, 2).collect()
    elif how == "memory":
        spark.sparkContext.parallelize([1], 1).map(fill).collect()
    elif how == "exit":
        print("no orders for 2026-11-30", flush=True)
        sys.exit(3)
    elif how == "exit-message":
        sys.exit("no orders for 2026-11-30")
    elif how == "handled":
        try:
            load("2026-11-30")
        except KeyError:
            import traceback

            traceback.print_exc()
        sys.exit(4)
    elif how == "sql":
        spark.sql("selec 1")
    elif how == "cast":
        spark.sql("set spark.sql.ansi.enabled=true")
        spark.sql("select cast('x' as int)").collect()
    elif how == "stdout-noise":
        print("\u00e9" * 3000)
        load("2026-11-30")


main(sys.argv[1])
