package dev.krongauss.data;

import java.util.Objects;

/**
 * A data set in two parts.
 *
 * @param training rows to train on
 * @param heldOut rows to judge by
 * @param rows which row of the whole went where
 */
public record Split(Dataset training, Dataset heldOut, RowSplit rows) {
  /** Checks that all are there. */
  public Split {
    Objects.requireNonNull(training, "training");
    Objects.requireNonNull(heldOut, "heldOut");
    Objects.requireNonNull(rows, "rows");
  }

  static Split of(Dataset data, RowSplit rows) {
    return new Split(data.rows(rows.trainingRows()), data.rows(rows.heldOutRows()), rows);
  }
}
