package dev.krongauss.bench.kit;

import java.util.ArrayList;
import java.util.List;

/**
 * How a stage ended.
 *
 * @param failed whether something was found wrong
 * @param ended why it did not come to its end, or null
 * @param skipped why it was not begun, or null
 * @param leftOut what there was no time for, by name
 */
record Outcome(boolean failed, String ended, String skipped, List<String> leftOut) {
  static Outcome of(boolean good) {
    return new Outcome(!good, null, null, List.of());
  }

  static Outcome skipped(String reason) {
    return new Outcome(false, null, reason, List.of());
  }

  /** Something that is neither a result nor for lack of time. */
  static Outcome broken(String reason) {
    return new Outcome(true, reason, null, List.of());
  }

  /** The time was over. */
  static Outcome cut(boolean good, String ended, List<String> leftOut) {
    return new Outcome(!good, ended, null, List.copyOf(leftOut));
  }

  /** The same, and its reason begins with a name. */
  Outcome named(String name) {
    return ended == null ? this : new Outcome(failed, name + ended, skipped, leftOut);
  }

  /** Both, of two parts of one stage. */
  Outcome and(Outcome other) {
    List<String> both = new ArrayList<>(leftOut);
    both.addAll(other.leftOut);
    return new Outcome(
        failed || other.failed,
        joined(ended, other.ended),
        joined(skipped, other.skipped),
        List.copyOf(both));
  }

  private static String joined(String a, String b) {
    return a == null || b == null ? (a == null ? b : a) : a + "; " + b;
  }

  /** Nothing is wrong, and nothing was cut short. */
  boolean whole() {
    return !failed && ended == null;
  }

  /** For people. */
  String text() {
    if (skipped != null) {
      return "SKIPPED: " + skipped;
    }
    String text = failed ? "FAILED" : ended == null ? "done" : "cut short";
    return ended == null ? text : text + ": " + ended;
  }
}
