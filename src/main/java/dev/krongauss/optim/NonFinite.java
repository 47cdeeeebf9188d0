package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.List;
import java.util.Locale;

/** Where numbers are not finite, in words; for an exception, since it waits for the device. */
final class NonFinite {
  private NonFinite() {}

  /**
   * Names the layers whose matrix holds NaN or infinities; empty if there is none.
   *
   * @param matrices null where another rank has one
   */
  static String layers(String what, List<Matrix> matrices, Stream s) {
    StringBuilder text = new StringBuilder();
    for (int l = 0; l < matrices.size(); l++) {
      if (matrices.get(l) == null) {
        continue;
      }
      float[] values = matrices.get(l).download(s);
      int count = 0;
      for (float value : values) {
        count += Float.isFinite(value) ? 0 : 1;
      }
      if (count > 0) {
        text.append(text.isEmpty() ? "; not finite in the last " + what + ": " : ", ")
            .append(
                String.format(Locale.ROOT, "%d of %d of layer %d", count, values.length, l + 1));
      }
    }
    return text.toString();
  }
}
