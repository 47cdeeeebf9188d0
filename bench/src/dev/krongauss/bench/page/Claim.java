package dev.krongauss.bench.page;

import java.util.Locale;

/**
 * A sentence that a comparison is made for, and what one run says of it.
 *
 * @param evidence the numbers, or what is missing
 */
public record Claim(String sentence, Verdict verdict, String evidence) {
  /** What a run says of a sentence. */
  public enum Verdict {
    ESTABLISHED,
    REFUTED,
    OPEN;

    /** By whether what was measured holds. */
    public static Verdict of(boolean holds) {
      return holds ? ESTABLISHED : REFUTED;
    }

    /** As tables show it: it holds for this run's data, device and budget, not for all. */
    @Override
    public String toString() {
      return this == OPEN ? "not measured in this run" : name().toLowerCase(Locale.ROOT) + " here";
    }
  }

  /** As a line of text. */
  @Override
  public String toString() {
    return "%s: %s (%s)".formatted(verdict, sentence, evidence);
  }
}
