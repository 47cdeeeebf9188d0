package dev.krongauss.bench.peers;

import dev.krongauss.data.Dataset;
import java.util.Random;

/** Small data for an autoencoder. */
final class Surface {
  private Surface() {}

  /** Grey values in [0, 1] near a surface of four dimensions. */
  static Dataset data(int width, long seed) {
    Random random = new Random(seed);
    int rows = 300;
    float[][] mixing = new float[4][width];
    for (float[] each : mixing) {
      for (int j = 0; j < width; j++) {
        each[j] = (float) random.nextGaussian();
      }
    }
    float[] values = new float[rows * width];
    for (int i = 0; i < rows; i++) {
      float[] z = new float[mixing.length];
      for (int k = 0; k < z.length; k++) {
        z[k] = (float) random.nextGaussian();
      }
      for (int j = 0; j < width; j++) {
        double sum = 0;
        for (int k = 0; k < z.length; k++) {
          sum += z[k] * mixing[k][j];
        }
        values[i * width + j] = (float) (1 / (1 + Math.exp(-sum)));
      }
    }
    return Dataset.autoencoder("surface", values, width);
  }
}
