package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rank's part of sums over ranks: to the bits of the sums that all get. */
final class TreeScatterTest {
  /**
   * A rank's part, and the same of the sums that all get.
   *
   * @param sent bytes
   */
  private record Result(float[] part, float[] wanted, long sent) {}

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void partsAreThoseOfTheSums(int size) {
    long[] floats = new long[size];
    for (int r = 0; r < size; r++) {
      floats[r] = new long[] {700, 0, 256, 1, 1000, 3, 0, 512}[r];
    }
    long all = 0;
    for (long of : floats) {
      all += padded(of);
    }
    List<Result> results = RankThreads.run(size, ranks -> sums(ranks, floats));
    for (int r = 0; r < size; r++) {
      assertThat(results.get(r).part).as("rank %d of %d", r, size).isEqualTo(results.get(r).wanted);
      assertThat(results.get(r).sent).isEqualTo(4 * (all - padded(floats[r])));
    }
  }

  private static long padded(long floats) {
    return (floats + 255) / 256 * 256;
  }

  private static Result sums(Collective ranks, long[] floats) {
    try (Device device = RankThreads.device(ranks);
        Arena arena = device.newArena("sums")) {
      Stream s = device.stream();
      TreeScatter scatter = new TreeScatter(device, arena, ranks, floats, "parts");
      SplittableRandom random = new SplittableRandom(ranks.rank());
      float[][] values = new float[floats.length][];
      for (int r = 0; r < floats.length; r++) {
        values[r] = new float[(int) padded(floats[r])];
        for (int i = 0; i < values[r].length; i++) {
          values[r][i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(8)));
        }
        if (floats[r] > 0) {
          row(scatter.part(r), values[r].length).upload(values[r], s);
        }
      }
      long behind = scatter.sum(s);
      long sent = ranks.sentBytes();
      int own = values[ranks.rank()].length;
      float[] part = own == 0 ? new float[0] : part(scatter.part(ranks.rank()), behind, own, s);
      float[] wanted = new float[0];
      for (int r = 0; r < floats.length; r++) {
        float[] sum = reduced(ranks, device, arena, values[r]);
        wanted = r == ranks.rank() ? sum : wanted;
      }
      return new Result(part, wanted, sent);
    }
  }

  /** What stands there, plus what lies behind it. */
  private static float[] part(long address, long behind, int own, Stream s) {
    float[] part = row(address, own).download(s);
    float[] other = row(address + Float.BYTES * behind, own).download(s);
    for (int i = 0; behind > 0 && i < own; i++) {
      part[i] += other[i];
    }
    return part;
  }

  private static float[] reduced(Collective ranks, Device device, Arena arena, float[] values) {
    if (values.length == 0) {
      return values;
    }
    long length = TreeReduction.padded(values.length, ranks.size());
    Buffer sum = arena.floats(length, "sum");
    sum.upload(values, device.stream());
    new TreeReduction(device, arena, ranks, length).sum(device.stream(), sum.pointer());
    return sum.downloadFloats(values.length, device.stream());
  }

  private static Matrix row(long address, int columns) {
    return Matrix.wrap(address, 1, columns, columns);
  }
}
