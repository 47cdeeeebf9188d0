package dev.krongauss.table;

import java.util.Locale;

/** Kinds of files that a plan can come from. */
enum Form {
  CSV,
  CSV_WITHOUT_HEADER,
  LIBSVM,
  NPY,
  IDX,
  IDX_TRANSPOSED;

  /** The name in lower case with spaces, as texts and files have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Whether rows are lines of a text. */
  boolean isText() {
    return ordinal() <= LIBSVM.ordinal();
  }

  /** Whether there may be keys among the columns: arrays were made by a program for a purpose. */
  boolean hasKeys() {
    return ordinal() <= CSV_WITHOUT_HEADER.ordinal();
  }

  /** Where a row is: a line from 1, or a row from 0 as NumPy counts. */
  String place(long at) {
    return Say.text(isText() ? "line %,d" : "row %,d", at);
  }

  /** How a missing value is written. */
  String missing() {
    return isText() ? "NA" : "NaN";
  }

  static Form of(String name) {
    for (Form form : values()) {
      if (form.toString().equals(name)) {
        return form;
      }
    }
    throw new IllegalArgumentException("files of the kind '%s' are not known".formatted(name));
  }
}
