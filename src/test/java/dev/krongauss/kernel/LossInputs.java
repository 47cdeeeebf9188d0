package dev.krongauss.kernel;

import dev.krongauss.kernel.Loss.Kind;
import java.util.List;

/** Sizes, logits and targets of the loss cases. */
final class LossInputs {
  private LossInputs() {}

  static final List<Size> SIZES =
      List.of(
          Size.of("N", 1, "d", 1),
          Size.of("N", 1009, "d", 1),
          Size.of("N", 7, "d", 3),
          Size.of("N", 8, "d", 4),
          Size.of("N", 9, "d", 31),
          Size.of("N", 17, "d", 32),
          Size.of("N", 5, "d", 33),
          Size.of("N", 3, "d", 127),
          Size.of("N", 4, "d", 128),
          Size.of("N", 2, "d", 129),
          Size.of("N", 23, "d", 784),
          Size.of("N", 2, "d", 4095),
          Size.of("N", 2, "d", 4096),
          Size.of("N", 2, "d", 4099));

  /**
   * Rows of ordinary logits; of wide ones; of saturated ones up to 80; of ones up to 10^4 among
   * ordinary ones.
   */
  static Host logits(Trial trial, int rows, int columns) {
    return Host.of(
        rows,
        columns,
        (i, j) -> {
          double x =
              trial.positive() ? trial.random().nextDouble() : 2 * trial.random().nextDouble() - 1;
          return switch (i % 4) {
            case 0 -> 2 * x;
            case 1 -> 12 * x;
            case 2 -> j % 3 == 0 ? Math.copySign(80, x) : x;
            default ->
                j % 5 == 0 ? Math.copySign(1e4, x) : j % 5 == 1 ? Math.copySign(100, x) : 5 * x;
          };
        });
  }

  /**
   * Zeros, ones and grey values; for softmax one-hot rows and probability vectors that sum to 1
   * exactly.
   */
  static Host targets(Trial trial, Kind kind, int rows, int columns) {
    if (kind != Kind.SOFTMAX) {
      return Host.of(
          rows,
          columns,
          (i, j) -> {
            double x = trial.random().nextDouble();
            return x < 0.3 ? 0 : x < 0.6 ? 1 : trial.random().nextDouble();
          });
    }
    Host t = Host.filled(rows, columns, 0);
    for (int i = 0; i < rows; i++) {
      int parts = i % 3 == 0 ? 1 : 1024;
      for (int k = 0; k < parts; k++) {
        int j = trial.random().nextInt(columns);
        t.set(i, j, t.get(i, j) + 1f / parts);
      }
    }
    return t;
  }
}
