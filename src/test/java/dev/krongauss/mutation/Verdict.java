package dev.krongauss.mutation;

import dev.krongauss.device.DeviceException;
import java.util.List;
import java.util.Map;

/**
 * What became of a mutant, or of a clean kernel.
 *
 * @param stop what stopped it
 * @param where the run: case, size and variant, or the sample; empty if nothing stopped it
 * @param seed the seed of the order in that run
 * @param runs how many runs there were, that one included
 * @param detail the whole report
 */
record Verdict(Stop stop, String where, int seed, long runs, String detail) {
  /** What can stop a kernel. */
  enum Stop {
    /** Nothing: all runs were right. */
    NOTHING,
    /** Bounds, alignment, use after free. */
    MEMORY,
    /** A read of bytes that nobody wrote. */
    INIT,
    RACE,
    BARRIER,
    /** Nothing can go on any more, or goes round for ever. */
    DEADLOCK,
    /** The kernel stopped itself. */
    TRAP,
    /** A result was off by more than its bound, or not what it must be exactly. */
    BOUND,
    /** An input or the memory between the rows was written. */
    UNTOUCHED,
    /** No verdict: it did not compile, could not be loaded, or the process ended. */
    BROKEN;

    /** Whether a wrong kernel is found. */
    boolean finds() {
      return this != NOTHING && this != BROKEN;
    }
  }

  private static final Map<String, Stop> REPORTS =
      Map.ofEntries(
          Map.entry("illegal address", Stop.MEMORY),
          Map.entry("misaligned", Stop.MEMORY),
          Map.entry("out-of-bounds", Stop.MEMORY),
          Map.entry("uninitialised", Stop.INIT),
          Map.entry("race", Stop.RACE),
          Map.entry("same value stored twice", Stop.RACE),
          Map.entry("barrier", Stop.BARRIER),
          Map.entry("an instruction for the whole warp", Stop.BARRIER),
          Map.entry("deadlock", Stop.DEADLOCK),
          Map.entry("the kernel executed a trap", Stop.TRAP),
          Map.entry("wrong result", Stop.BOUND));

  static Verdict nothing(long runs) {
    return new Verdict(Stop.NOTHING, "", 0, runs, "");
  }

  static Verdict broken(String why) {
    return new Verdict(Stop.BROKEN, "", 0, 0, why);
  }

  /**
   * The kind of a report of SoftCUDA: its headline begins with it, after the kernel's name. The
   * line before it is the driver's error.
   */
  static Stop classify(String report) {
    for (String line : report.lines().limit(2).toList()) {
      for (Map.Entry<String, Stop> known : REPORTS.entrySet()) {
        if (line.startsWith(known.getKey()) || line.contains(": " + known.getKey())) {
          return known.getValue();
        }
      }
    }
    return Stop.BROKEN;
  }

  static Stop classify(Throwable stopped) {
    String message = String.valueOf(stopped.getMessage());
    if (stopped instanceof DeviceException) {
      return classify(message);
    }
    if (stopped instanceof AssertionError) {
      return message.contains("was overwritten") ? Stop.UNTOUCHED : Stop.BOUND;
    }
    return Stop.BROKEN;
  }

  /** One line for the pipe between the processes. */
  String encode() {
    return String.join("\t", stop.name(), escape(where), "" + seed, "" + runs, escape(detail));
  }

  static boolean isEncoded(String line) {
    return line.split("\t", -1).length == 5;
  }

  static Verdict decode(String line) {
    List<String> fields = List.of(line.split("\t", -1));
    if (fields.size() != 5) {
      throw new IllegalArgumentException("not a verdict: " + line);
    }
    return new Verdict(
        Stop.valueOf(fields.get(0)),
        unescape(fields.get(1)),
        Integer.parseInt(fields.get(2)),
        Long.parseLong(fields.get(3)),
        unescape(fields.get(4)));
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "");
  }

  private static String unescape(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
        c = text.charAt(i) == 'n' ? '\n' : text.charAt(i) == 't' ? '\t' : '\\';
      }
      plain.append(c);
    }
    return plain.toString();
  }
}
