package dev.krongauss.bench.model;

import java.util.Locale;

/** A method of the model, with its defaults. */
enum ModelledMethod {
  KFRA,
  ADAM;

  /** In small letters. */
  String option() {
    return name().toLowerCase(Locale.ROOT);
  }
}
