package org.example.trainer;

import java.util.SplittableRandom;

/** A small regression problem: two numbers to two products of waves. */
record Waves(float[] x, float[] t) {
  static Waves of(int N, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[2 * N];
    float[] t = new float[2 * N];
    for (int n = 0; n < N; n++) {
      double u = 2 * random.nextDouble() - 1;
      double v = 2 * random.nextDouble() - 1;
      x[2 * n] = (float) u;
      x[2 * n + 1] = (float) v;
      t[2 * n] = (float) (Math.sin(3 * u) * Math.cos(2 * v));
      t[2 * n + 1] = (float) (u * v);
    }
    return new Waves(x, t);
  }
}
