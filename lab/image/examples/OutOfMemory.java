package org.apache.spark.examples;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import sun.misc.Unsafe;

/**
 * Usage: OutOfMemory [container|heap]. `container` (the default) takes memory outside the heap until the kernel kills
 * the container; `heap` until the JVM throws OutOfMemoryError.
 */
public final class OutOfMemory {
  private static final int CHUNK_BYTES = 16 << 20;

  public static void main(String[] args) throws ReflectiveOperationException {
    if (args.length > 0 && args[0].equals("heap")) fillHeap();
    else fillContainer();
  }

  private static void fillHeap() {
    List<byte[]> held = new ArrayList<>();
    while (true) held.add(new byte[CHUNK_BYTES]);
  }

  private static void fillContainer() throws ReflectiveOperationException {
    Field field = Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    Unsafe unsafe = (Unsafe) field.get(null);
    while (true) unsafe.setMemory(unsafe.allocateMemory(CHUNK_BYTES), CHUNK_BYTES, (byte) 1);
  }
}
