package dev.krongauss.bench.compare;

import dev.krongauss.bench.LowerCaseEnum;
import java.util.Locale;

/** Values of {@code --averages}. */
enum Averages {
  ON,
  OFF,
  BOTH;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For {@code --averages}. */
  static final class Converter extends LowerCaseEnum<Averages> {
    Converter() {
      super(values());
    }
  }
}
