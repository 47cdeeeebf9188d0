package dev.krongauss.bench.kit;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.kernels.KernelBench;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Does items on the device and says what became of each, one line of JSON behind {@link #MARK} on
 * standard output.
 *
 * <p>Arguments: mode, index of the first item, {@code tiny} or {@code whole}, beginnings of names
 * joined by commas or nothing.
 */
final class Worker {
  /** Begins a line for the parent; all other output is a log. */
  static final String MARK = "@@ ";

  /** Exit status after something that may have left the device unusable. */
  static final int BROKEN = 3;

  private static final int ORPHANED = 4;

  private final PrintStream out;

  private Worker(PrintStream out) {
    this.out = out;
  }

  /** See the class. */
  public static void main(String[] arguments) throws IOException {
    dieWithParent();
    PrintStream out = System.out;
    // What a test prints must not stand in a line of ours.
    System.setOut(System.err);
    Items.Mode mode = Items.Mode.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    List<String> prefixes =
        arguments.length < 4 || arguments[3].isEmpty()
            ? List.of()
            : List.of(arguments[3].split(","));
    Worker worker = new Worker(new PrintStream(out, true, StandardCharsets.UTF_8));
    List<Items.Item> items = Items.of(mode, prefixes, arguments[2].equals("tiny"));
    worker.say(
        "total",
        Map.of("count", items.size(), "groups", items.stream().map(Items.Item::group).toList()));
    worker.say("facts", KernelBench.facts(TestDevice.get()));
    for (int i = Integer.parseInt(arguments[1]); i < items.size(); i++) {
      worker.run(i, items.get(i));
    }
    // The device's own thread closes it; daemon threads of a failed case must not keep us.
    System.exit(0);
  }

  /** A stage that is killed must not leave its worker on the device: standard input ends then. */
  private static void dieWithParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  continue;
                }
              } catch (IOException e) {
                System.err.println("standard input failed, which counts as its end: " + e);
              }
              Runtime.getRuntime().halt(ORPHANED);
            },
            "parent");
    watch.setDaemon(true);
    watch.start();
  }

  private void run(int index, Items.Item item) throws IOException {
    say("start", Map.of("index", index, "group", item.group(), "name", item.name()));
    long begin = System.nanoTime();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("index", index);
    result.put("group", item.group());
    result.put("name", item.name());
    boolean broken = false;
    try {
      List<Map<String, Object>> results = item.body().run();
      result.put("results", results);
      broken =
          results.stream().anyMatch(r -> r.get("failed") instanceof Number n && n.intValue() > 0);
    } catch (AssertionError e) {
      result.put("failure", Items.text(e));
    } catch (RuntimeException | LinkageError e) {
      // The device may be unusable after a fault, so the rest belongs to another process.
      result.put("failure", Items.text(e));
      broken = true;
    }
    result.put("seconds", (System.nanoTime() - begin) / 1e9);
    say("done", result);
    if (broken) {
      Runtime.getRuntime().halt(BROKEN);
    }
  }

  private void say(String event, Map<String, Object> details) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", event);
    line.putAll(details);
    out.println(MARK + JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES).asString(line));
    out.flush();
  }
}
