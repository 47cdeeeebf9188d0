package dev.krongauss.table;

import java.util.Objects;

/**
 * A column of the file that is neither an input nor a target.
 *
 * @param name the column
 * @param reason why, as the end of a sentence
 */
public record LeftOut(String name, String reason) {
  /** Checks that both are there. */
  public LeftOut {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(reason, "reason");
  }
}
