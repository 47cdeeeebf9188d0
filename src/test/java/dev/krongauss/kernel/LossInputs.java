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

  /** How far a confident output is ahead. */
  static final int[] GAPS = {4, 8, 12, 20, 40, 60, 80};

  /**
   * Rows of ordinary logits; of wide ones; of saturated ones up to 80; of ones up to 10^4 among
   * ordinary ones; and, half of all, of confident outputs, one ahead or behind by a gap, always the
   * same one.
   */
  static Host logits(Trial trial, int rows, int columns) {
    return Host.of(
        rows,
        columns,
        (i, j) -> {
          double x =
              trial.positive() ? trial.random().nextDouble() : 2 * trial.random().nextDouble() - 1;
          return switch ((i + rows + columns) % 8) {
            case 0 -> 2 * x;
            case 1 -> 12 * x;
            case 2 -> j % 3 == 0 ? Math.copySign(80, x) : x;
            case 3 ->
                j % 5 == 0 ? Math.copySign(1e4, x) : j % 5 == 1 ? Math.copySign(100, x) : 5 * x;
            case 4 -> j == rows % columns ? -gap(i) : x;
            default -> j == rows % columns ? gap(i) : x;
          };
        });
  }

  private static int gap(int row) {
    return GAPS[row % GAPS.length];
  }

  /**
   * Logits of mixtures: each of the gate and the two classifiers undecided, or confident for one
   * side; in one of five rows both classifiers say the same. In one of seven the gate is half as
   * confident, so that classifiers of the other mind leave as little of it on the other side.
   */
  static Host mixtures(Trial trial, int rows) {
    Host h =
        Host.of(
            rows,
            3,
            (i, j) -> {
              double x = 2 * trial.random().nextDouble() - 1;
              int side = trial.positive() ? 1 : trial.random().nextInt(-1, 2);
              return i % 6 == 0 ? 2 * x : side * gap(i) + x;
            });
    for (int i = 0; i < rows; i += 5) {
      h.set(i, 2, h.get(i, 1));
    }
    for (int i = 3; i < rows; i += 7) {
      h.set(i, 0, h.get(i, 0) / 2);
    }
    return h;
  }

  /**
   * Zeros, ones and grey values; for softmax one-hot rows and probability vectors that sum to 1
   * exactly. Every second row is what the logits say.
   */
  static Host targets(Trial trial, Kind kind, Host h) {
    return kind == Kind.SOFTMAX ? classes(trial, h) : bits(trial, h);
  }

  private static Host bits(Trial trial, Host h) {
    return Host.of(
        h.rows(),
        h.columns(),
        (i, j) -> {
          if (i % 2 == 1) {
            return h.get(i, j) > 0 ? 1 : 0;
          }
          double x = trial.random().nextDouble();
          return x < 0.3 ? 0 : x < 0.6 ? 1 : trial.random().nextDouble();
        });
  }

  private static Host classes(Trial trial, Host h) {
    Host t = Host.filled(h.rows(), h.columns(), 0);
    for (int i = 0; i < h.rows(); i++) {
      if (i % 2 == 1) {
        t.set(i, new LossReference(Kind.SOFTMAX, h, i).winner(), 1);
        continue;
      }
      int parts = i % 3 == 0 ? 1 : 1024;
      for (int k = 0; k < parts; k++) {
        int j = trial.random().nextInt(h.columns());
        t.set(i, j, t.get(i, j) + 1f / parts);
      }
    }
    return t;
  }
}
