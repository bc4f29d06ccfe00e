package com.acme.etl;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Fails three levels deep. */
final class Loader {
  static void load(String day) {
    try {
      connect("orders-db");
    } catch (RuntimeException error) {
      throw new IllegalStateException("cannot load the orders of " + day, error);
    }
  }

  private static void connect(String host) {
    try {
      open(host);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static void open(String host) throws IOException {
    throw new IOException("no route to " + host + ": connection timed out");
  }
}
