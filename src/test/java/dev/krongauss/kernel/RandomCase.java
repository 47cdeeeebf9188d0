package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/** Random fills against Philox on the host, and Philox against the published vectors. */
abstract class RandomCase extends KernelCase {
  private static final long SEED = -0x0fed_cba9_8765_4321L;
  private static final int STEP = 7;

  private final String variant;

  private RandomCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    return List.of(new Uniform(), new Normal(), new KnownAnswers(), new Stream());
  }

  @Override
  public String name() {
    return "random/" + variant;
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("rows", 1, "columns", 1),
        Size.of("rows", 7, "columns", 3),
        Size.of("rows", 8, "columns", 127),
        Size.of("rows", 9, "columns", 128),
        Size.of("rows", 3, "columns", 129),
        Size.of("rows", 2, "columns", 1024),
        Size.of("rows", 3, "columns", 2051));
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("rows") * size.get("columns");
    return new Work(25 * elements, 4 * elements);
  }

  private static final class Uniform extends RandomCase {
    Uniform() {
      super("uniform");
    }

    @Override
    public void run(Trial trial) {
      Matrix X = trial.output(trial.size("rows"), trial.size("columns"));
      Random random = new Random(trial.device());
      // from 0 to 1 every bit of the number shows, also those of the smallest
      float low = trial.positive() ? -0.25f : 0;
      trial.launch(s -> random.uniform(s, SEED, STEP, X, low, low + 1));
      trial.check(
          "X",
          X,
          (i, j) -> {
            double u = PhiloxReference.uniform(j, i, STEP, PhiloxReference.UNIFORM, SEED);
            return low == 0 ? Wanted.exactly(u) : Wanted.within(u + low, 1, Math.abs(u + low));
          });
    }
  }

  private static final class Normal extends RandomCase {
    Normal() {
      super("normal");
    }

    @Override
    public void run(Trial trial) {
      Matrix X = trial.output(trial.size("rows"), trial.size("columns"));
      Random random = new Random(trial.device());
      trial.launch(s -> random.normal(s, SEED, STEP, X, 0.5f, 2));
      trial.check(
          "X",
          X,
          (i, j) -> {
            double value =
                0.5 + 2 * PhiloxReference.normal(j, i, STEP, PhiloxReference.NORMAL, SEED);
            double error =
                2 * PhiloxReference.normalError(j, i, STEP, PhiloxReference.NORMAL, SEED);
            return new Wanted(value, error + Wanted.EPSILON * Math.abs(value));
          });
    }
  }

  /** kat_vectors of Random123: philox4x32, 10 rounds. */
  private static final class KnownAnswers extends RandomCase {
    KnownAnswers() {
      super("known-answers");
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("vectors", 3));
    }

    @Override
    public List<Variant> variants() {
      return List.of(Variant.MIXED);
    }

    @Override
    public Work work(Size size) {
      return new Work(300, 48);
    }

    @Override
    public void run(Trial trial) {
      Random random = new Random(trial.device());
      answer(trial, random, new int[4], 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
      answer(
          trial,
          random,
          new int[] {-1, -1, -1, -1},
          -1,
          0x408f276d,
          0x41c83b0e,
          0xa20bc7c6,
          0x6d5451fd);
      answer(
          trial,
          random,
          new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
          0x299f31d0_a4093822L,
          0xd16cfe09,
          0x94fdcceb,
          0x5001e420,
          0x24126ea1);
    }

    private static void answer(Trial trial, Random random, int[] counter, long key, int... wanted) {
      Buffer words = trial.ints(0, 0, 0, 0);
      trial.launch(s -> random.bits(s, key, counter, 1, words.pointer()));
      trial.checkInts("words", words, wanted);
    }
  }

  /** Many counters in one launch. */
  private static final class Stream extends RandomCase {
    Stream() {
      super("stream");
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("counters", 1), Size.of("counters", 255), Size.of("counters", 257));
    }

    @Override
    public List<Variant> variants() {
      return List.of(Variant.MIXED);
    }

    @Override
    public Work work(Size size) {
      return new Work(100.0 * size.get("counters"), 16.0 * size.get("counters"));
    }

    @Override
    public void run(Trial trial) {
      int count = trial.size("counters");
      Buffer words = trial.ints(new int[4 * count]);
      Random random = new Random(trial.device());
      trial.launch(s -> random.bits(s, SEED, new int[] {-3, 5, 6, 7}, count, words.pointer()));
      trial.checkInts(
          "words",
          words,
          IntStream.range(0, count)
              .flatMap(i -> IntStream.of(PhiloxReference.words(new int[] {i - 3, 5, 6, 7}, SEED)))
              .toArray());
    }
  }
}
