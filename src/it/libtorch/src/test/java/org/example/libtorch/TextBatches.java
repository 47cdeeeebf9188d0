package org.example.libtorch;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** Stretches of a text and, as targets, the token behind each. */
final class TextBatches implements Training.Batches {
  private final GeneratedText text;
  private final int N;
  private final int T;
  private final SplittableRandom random;

  TextBatches(GeneratedText text, int N, int T, long seed) {
    this.text = text;
    this.N = N;
    this.T = T;
    random = new SplittableRandom(seed);
  }

  @Override
  public Training.Batch next() {
    Tensor drawn = text.draw(N, T, random);
    return new Training.Batch(
        drawn.narrow(1, 0, T).contiguous(), drawn.narrow(1, 1, T).reshape((long) N * T));
  }
}
