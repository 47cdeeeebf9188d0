package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/** A factor as the whole matrix, compact, also where its diagonal alone is kept. */
final class WholeFactor {
  private WholeFactor() {}

  static float[] of(Matrix factor, Stream s) {
    float[] values = factor.download(s);
    int d = factor.columns();
    if (factor.rows() == d) {
      return values;
    }
    float[] whole = new float[d * d];
    for (int i = 0; i < d; i++) {
      whole[i * d + i] = values[i];
    }
    return whole;
  }
}
