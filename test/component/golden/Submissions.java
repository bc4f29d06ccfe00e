import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;
import org.apache.spark.deploy.SparkSubmit;

/**
 * Runs a spark-submit for each line of standard input: its arguments in Base64, each with a space behind it. Answers with a line:
 * `ok`, or what it failed with, in Base64.
 */
class Submissions {
  public static void main(String[] none) throws Exception {
    var answers = System.out;
    System.setOut(System.err);
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      var arguments = Stream.of(line.split(" ")).map(Submissions::decode).toArray(String[]::new);
      var failure = new Throwable[1];
      // A thread of its own has a class loader of its own, which spark-submit sets.
      var thread = new Thread(() -> failure[0] = run(arguments));
      thread.start();
      thread.join();
      answers.println(failure[0] == null ? "ok" : encode(failure[0].toString()));
      answers.flush();
    }
  }

  private static Throwable run(String[] arguments) {
    try {
      new SparkSubmit().doSubmit(arguments);
      return null;
    } catch (Throwable thrown) {
      return thrown;
    }
  }

  private static String decode(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
