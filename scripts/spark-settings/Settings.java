import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext$;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.internal.config.ConfigEntry;
import org.apache.spark.internal.config.ConfigEntry$;
import scala.Function1;
import scala.Option;

/**
 * Answers questions about the settings of this Spark, one a line, their parts between tabs:
 *
 * <p>{@code list}: the settings that are not plain text, a line each, then an empty line: key, kind, unit, smallest value,
 * largest value, and {@code start} if a driver ends with a value that cannot be read. What a setting takes is found by
 * giving it texts; whether a driver ends, by starting one.
 *
 * <p>{@code read KEY TEXT}: the value that the setting reads, or {@code !} and the words of the error.
 *
 * <p>{@code start KEY=VALUE …}: {@code ok}, or {@code !} and what the driver ends with.
 */
class Settings {
  private static final String GARBAGE = "not!a!value";
  /** Read by a thread of their own: whether the driver ends depends on which is first. */
  private static final Set<String> BY_CHANCE =
      Set.of("spark.scheduler.revive.interval", "spark.scheduler.listenerbus.exitTimeout");

  private static final Set<String> read = ConcurrentHashMap.newKeySet();
  private static String apiServer;

  public static void main(String[] none) {
    var answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    System.setSecurityManager(new NoExit());
    try {
      for (var name : List.of("package", "Kryo", "Network", "Python", "R", "Status", "UI")) {
        Class.forName("org.apache.spark.internal.config." + name + "$");
      }
      Class.forName("org.apache.spark.deploy.k8s.Config$");
      apiServer = "k8s://http://127.0.0.1:" + startApiServer().getAddress().getPort();
      var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = lines.readLine()) != null; ) answer(line.split("\t", -1), answers);
    } catch (Throwable failed) {
      failed.printStackTrace();
      NoExit.end(1);
    }
    // Spark leaves threads behind.
    NoExit.end(0);
  }

  private static void answer(String[] question, PrintStream answers) {
    switch (question[0]) {
      case "list" -> list(answers);
      case "read" -> answers.println(answerOf(ConfigEntry$.MODULE$.findEntry(question[1]), question[2]));
      case "start" -> {
        var given = new TreeMap<String, String>();
        for (var pair : List.of(question).subList(1, question.length)) {
          given.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        var failure = run(apiServer, given);
        answers.println(failure == null ? "ok" : wordsOf(failure));
      }
      default -> throw new IllegalArgumentException(question[0]);
    }
  }

  private static void list(PrintStream answers) {
    var lines = new TreeMap<String, String>();
    for (var entry : ConfigEntry$.MODULE$.knownConfigs().values()) {
      if (BY_CHANCE.contains(entry.key())) continue;
      if (entry.key().startsWith("spark.testing") || entry.key().startsWith("spark.test.")) continue;
      var line = describe(entry);
      if (line != null) lines.put(entry.key(), line);
    }
    var starting = new TreeMap<String, List<String>>();
    for (var master : List.of("local[2]", apiServer)) {
      read.clear();
      var failure = run(master, Map.of());
      if (failure != null) throw new IllegalStateException(master, failure);
      for (var key : read) if (lines.containsKey(key)) starting.computeIfAbsent(key, any -> new ArrayList<>()).add(master);
    }
    for (var line : lines.entrySet()) {
      var masters = starting.getOrDefault(line.getKey(), List.of());
      var ends = masters.stream().anyMatch(master -> run(master, Map.of(line.getKey(), GARBAGE)) != null);
      answers.println(line.getKey() + "\t" + line.getValue() + "\t" + (ends ? "start" : ""));
    }
    answers.println();
  }

  private static String answerOf(ConfigEntry<?> entry, String text) {
    try {
      return String.valueOf(read(entry, text));
    } catch (RuntimeException refused) {
      return wordsOf(refused);
    }
  }

  private static String wordsOf(Throwable failure) {
    var words = new ArrayList<String>();
    for (var each = failure; each != null; each = each.getCause()) words.add(String.valueOf(each.getMessage()));
    return "!" + String.join(" / ", words).replace("\n", "\\n");
  }

  /** Kind, unit, smallest and largest value; null where any text will do. */
  private static String describe(ConfigEntry<?> entry) {
    if (Boolean.TRUE.equals(value(entry, "true"))) return "boolean\t\t\t";
    if (value(entry, GARBAGE) != null) return null;
    if (firstOf(entry, "5d", "1d", "1h", "100s") instanceof Long) return "time\t" + timeUnit(entry) + "\t" + bounds(entry);
    if (firstOf(entry, "5g", "1g", "100m", "9k") instanceof Long) return "size\t" + sizeUnit(entry) + "\t" + bounds(entry);
    var number = firstOf(entry, "1", "2", "100", "4000", "100000", "0", "0.5");
    if (number instanceof Integer) return "int\t\t" + bounds(entry);
    if (number instanceof Long) return "long\t\t" + bounds(entry);
    if (number instanceof Double) return "double\t\t" + bounds(entry);
    return null;
  }

  private static Object firstOf(ConfigEntry<?> entry, String... texts) {
    for (var text : texts) if (value(entry, text) != null) return value(entry, text);
    return null;
  }

  private static String sizeUnit(ConfigEntry<?> entry) {
    for (var size : List.of(1L << 30, 1L << 20)) {
      if (!(value(entry, size == 1L << 30 ? "1g" : "1m") instanceof Long read) || read == 0) continue;
      return switch (Long.numberOfTrailingZeros(size / read)) { case 0 -> "b"; case 10 -> "k"; case 20 -> "m"; default -> "g"; };
    }
    throw new IllegalStateException(entry.key());
  }

  private static String timeUnit(ConfigEntry<?> entry) {
    var ofDay = Map.of("ns", 86_400_000_000_000L, "us", 86_400_000_000L, "ms", 86_400_000L, "s", 86_400L, "m", 1_440L, "h", 24L, "d", 1L);
    for (var days : List.of(1L, 5L, 100L)) {
      if (!(value(entry, days + "d") instanceof Long read)) continue;
      for (var unit : ofDay.entrySet()) if (read == unit.getValue() * days) return unit.getKey();
      throw new IllegalStateException(entry.key() + ": " + read);
    }
    throw new IllegalStateException(entry.key());
  }

  /** The bounds that a number just beside zero, or just above one, is refused by. */
  private static String bounds(ConfigEntry<?> entry) {
    boolean isDouble = value(entry, "0.5") instanceof Double || value(entry, "1.5") instanceof Double;
    if (!takes(entry, "1") || !takes(entry, "2") && !isDouble) return "\t";
    var least = takes(entry, "-1") ? "" : takes(entry, "0") ? "0" : isDouble && takes(entry, "0.001") ? ">0" : isDouble && takes(entry, "0.999") ? "" : "1";
    var most = isDouble && !takes(entry, "1.001") ? "1" : "";
    return least + "\t" + most;
  }

  private static boolean takes(ConfigEntry<?> entry, String text) {
    return value(entry, text) != null;
  }

  private static Object value(ConfigEntry<?> entry, String text) {
    try {
      return read(entry, text);
    } catch (RuntimeException refused) {
      return null;
    }
  }

  @SuppressWarnings("unchecked")
  private static Object read(ConfigEntry<?> entry, String text) {
    var value = ((Function1<String, Object>) (Object) entry.valueConverter()).apply(text);
    return value instanceof Option<?> option ? option.get() : value;
  }

  /** What a driver that runs a job fails with, or null. */
  private static Throwable run(String master, Map<String, String> given) {
    var conf = new ReadConf(read);
    conf.set("spark.master", master).set("spark.app.name", "settings").set("spark.ui.port", "0");
    conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1");
    conf.set("spark.scheduler.minRegisteredResourcesRatio", "0").set("spark.kubernetes.container.image", "spark");
    conf.set("spark.kubernetes.executor.enableApiWatcher", "false").set("spark.shuffle.service.enabled", "false");
    // Without an executor it cannot make, Spark would exit sooner or later, which no test can wait for.
    conf.set("spark.executor.instances", "0");
    given.forEach(conf::set);
    var thread = Executors.newSingleThreadExecutor();
    try {
      return thread
          .submit(
              () -> {
                // That of a program that is run from its source cannot read what Spark writes.
                Thread.currentThread().setContextClassLoader(SparkConf.class.getClassLoader());
                var context = new JavaSparkContext(conf);
                if (master.startsWith("local")) context.parallelize(List.of(1, 2), 2).count();
                return (Throwable) null;
              })
          .get(30, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      return failed.getCause();
    } catch (TimeoutException waitsForever) {
      return null;
    } catch (InterruptedException never) {
      throw new IllegalStateException(never);
    } finally {
      stop(thread);
    }
  }

  /** Nothing of a driver may be left: the next one would fail by that. */
  private static void stop(ExecutorService thread) {
    try {
      thread.shutdownNow();
      if (!thread.awaitTermination(180, TimeUnit.SECONDS)) throw new IllegalStateException("A driver does not end");
      var left = SparkContext$.MODULE$.getActive();
      if (left.isDefined()) left.get().stop();
      // One that another thread stops, too, stays the active one.
      SparkContext$.MODULE$.clearActiveContext();
    } catch (InterruptedException never) {
      throw new IllegalStateException(never);
    }
  }

  /** Some parts of Spark exit where others throw. */
  private static class NoExit extends SecurityManager {
    private static volatile boolean ends;

    static void end(int status) {
      ends = true;
      Runtime.getRuntime().halt(status);
    }

    @Override
    public void checkExit(int status) {
      if (!ends) throw new SecurityException("exit " + status);
    }

    @Override
    public void checkPermission(java.security.Permission any) {}
  }

  /** A configuration that remembers which keys are read of it and its copies. */
  private static class ReadConf extends SparkConf {
    private final Set<String> keys;

    ReadConf(Set<String> keys) {
      super(false);
      this.keys = keys;
      try {
        for (var field : SparkConf.class.getDeclaredFields()) {
          if (field.getType() != ConcurrentHashMap.class) continue;
          field.setAccessible(true);
          field.set(this, new ReadMap(keys));
        }
      } catch (IllegalAccessException error) {
        throw new IllegalStateException(error);
      }
    }

    @Override
    public SparkConf clone() {
      var copy = new ReadConf(keys);
      for (var entry : getAll()) copy.set(entry._1(), entry._2(), true);
      return copy;
    }
  }

  private static class ReadMap extends ConcurrentHashMap<String, String> {
    private final transient Set<String> keys;

    ReadMap(Set<String> keys) {
      this.keys = keys;
    }

    @Override
    public String get(Object key) {
      keys.add((String) key);
      return super.get(key);
    }

    @Override
    public boolean containsKey(Object key) {
      keys.add((String) key);
      return super.containsKey(key);
    }
  }

  /** An API server that has nothing and takes everything. */
  private static HttpServer startApiServer() throws Exception {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          var sent = exchange.getRequestBody().readAllBytes();
          var isRead = exchange.getRequestMethod().equals("GET") || exchange.getRequestMethod().equals("DELETE");
          var list = "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"metadata\":{},\"items\":[]}";
          var answer = isRead ? list.getBytes(StandardCharsets.UTF_8) : sent;
          exchange.getResponseHeaders().set("content-type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    return server;
  }
}
