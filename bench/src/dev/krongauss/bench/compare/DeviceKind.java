package dev.krongauss.bench.compare;

import dev.krongauss.bench.LowerCaseEnum;
import java.util.Locale;

/** Values of {@code --device}. */
enum DeviceKind {
  CUDA,
  SOFTWARE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For {@code --device}. */
  static final class Converter extends LowerCaseEnum<DeviceKind> {
    Converter() {
      super(values());
    }
  }
}
