package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * One run of a {@link KernelCase} at one size: gives inputs and outputs on the device, launches,
 * compares.
 *
 * <p>Beside what the case checks itself, every trial proves that inputs are unchanged and that no
 * byte between or around the rows was written. Outputs start as NaN, so an element that the kernel
 * forgot shows.
 */
public final class Trial implements AutoCloseable {
  private final String title;
  private final Device device;
  private final Stream stream;
  private final Arena arena;
  private final Size size;
  private final KernelCase.Variant variant;
  private final long seed;
  private final SplittableRandom random;
  private final List<PlacedMatrix> blocks = new ArrayList<>();
  private final List<Buffer> integers = new ArrayList<>();
  private final Consumer<Consumer<Stream>> hold;
  private boolean launched;
  private int checks;

  Trial(KernelCase c, Size size, KernelCase.Variant variant, Device device, long seed) {
    this(c, size, variant, device, seed, null);
  }

  /** {@code hold} takes the first launch and does not return: see {@link HeldLaunch}. */
  Trial(
      KernelCase c,
      Size size,
      KernelCase.Variant variant,
      Device device,
      long seed,
      Consumer<Consumer<Stream>> hold) {
    this(c.name() + " " + size + " " + variant, size, variant, device, seed, hold);
  }

  /** Operands for an operation that is no kernel of ours; the caller looks at {@link #results}. */
  public static Trial of(String title, KernelCase.Variant variant, Device device, long seed) {
    return new Trial(title + " " + variant, null, variant, device, seed, null);
  }

  private Trial(
      String title,
      Size size,
      KernelCase.Variant variant,
      Device device,
      long seed,
      Consumer<Consumer<Stream>> hold) {
    this.title = title;
    this.device = device;
    this.stream = device.stream();
    this.arena = device.newArena(title);
    this.size = size;
    this.variant = variant;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.hold = hold;
  }

  public Device device() {
    return device;
  }

  /** The sizes. */
  public Size size() {
    return size;
  }

  /** The dimension of this name. */
  public int size(String dimension) {
    return size.get(dimension);
  }

  /**
   * The generator behind {@link #random(int, int)}: everything random of a trial comes from its one
   * seed.
   */
  public SplittableRandom random() {
    return random;
  }

  /** True if all inputs are to be positive. */
  public boolean positive() {
    return variant == KernelCase.Variant.POSITIVE;
  }

  /**
   * Uniform in [-1, 1), or in [0, 1) for {@code POSITIVE}; a float, so the reference sees the same
   * number.
   */
  public Host random(int rows, int columns) {
    return Host.of(
        rows, columns, (i, j) -> positive() ? random.nextDouble() : 2 * random.nextDouble() - 1);
  }

  /** Uniform in [low, high), whatever the variant. */
  public Host random(int rows, int columns, double low, double high) {
    return Host.of(rows, columns, (i, j) -> low + (high - low) * random.nextDouble());
  }

  /** A matrix the kernel only reads; it is checked to be unchanged at the end. */
  public Matrix input(Host values) {
    return place(values, true);
  }

  /** A matrix that the kernel writes whole; NaN before. */
  public Matrix output(int rows, int columns) {
    return place(Host.filled(rows, columns, Float.NaN), false);
  }

  /** A matrix the kernel reads and writes. */
  public Matrix inOut(Host values) {
    return place(values, false);
  }

  /** Integers the kernel may read and write. */
  public Buffer ints(int... values) {
    Buffer buffer = arena.ints(values.length, "ints");
    buffer.uploadInts(values, stream);
    integers.add(buffer);
    return buffer;
  }

  /** Launches once and waits. */
  public void launch(Consumer<Stream> body) {
    if (hold != null) {
      hold.accept(body);
    }
    body.accept(stream);
    stream.synchronize();
    launched = true;
  }

  /**
   * The compact values of a matrix, for a reference that needs the output as a whole (a residual
   * such as A - L Lᵀ).
   */
  public Host download(Matrix matrix) {
    return new Host(matrix.rows(), matrix.columns(), matrix.download(stream));
  }

  /** Compares an output on the device with its reference. */
  public void check(String what, Matrix got, Wanted.Reference reference) {
    check(what, download(got), reference);
  }

  /** Compares a host matrix (a residual, a property) with its reference. */
  public void check(String what, Host got, Wanted.Reference reference) {
    checks++;
    long failures = 0;
    double worst = -1;
    String first = "";
    String worstLine = "";
    for (int i = 0; i < got.rows(); i++) {
      for (int j = 0; j < got.columns(); j++) {
        Wanted wanted = reference.at(i, j);
        double ratio = wanted.ratio(got.get(i, j));
        if (ratio > 1) {
          failures++;
          String line = describe(i, j, wanted, got.get(i, j), ratio);
          first = first.isEmpty() ? line : first;
          worstLine = ratio > worst ? line : worstLine;
        }
        worst = Math.max(worst, ratio);
      }
    }
    if (failures > 0) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s: %s is wrong in %d of %d elements%n  first %s%n  worst %s%n  seed %d (repeat:"
                  + " -Dkrongauss.seed=%d)",
              title,
              what,
              failures,
              (long) got.rows() * got.columns(),
              first,
              worstLine,
              seed,
              seed));
    }
  }

  /** Compares integers exactly. */
  public void checkInts(String what, Buffer got, int... wanted) {
    checks++;
    int[] values = got.downloadInts(wanted.length, stream);
    if (!Arrays.equals(values, wanted)) {
      throw new AssertionError(
          String.format(
              "%s: %s wanted %s got %s, seed %d",
              title, what, Arrays.toString(wanted), Arrays.toString(values), seed));
    }
  }

  /**
   * Copies all that a launch may change.
   *
   * @return enqueues the copies back, so that the next launch finds what the first one found
   */
  Runnable snapshot() {
    List<Runnable> restores = new ArrayList<>();
    List<Buffer> changing = new ArrayList<>(integers);
    blocks.stream().filter(b -> !b.constant()).forEach(b -> changing.add(b.buffer()));
    for (Buffer buffer : changing) {
      int count = (int) (buffer.bytes() / Float.BYTES);
      Matrix now = Matrix.wrap(buffer.pointer(), 1, count, count);
      Buffer copy = arena.floats(count, "copy of " + buffer.name());
      Matrix before = Matrix.wrap(copy.pointer(), 1, count, count);
      stream.copy(now, before);
      restores.add(() -> stream.copy(before, now));
    }
    return () -> restores.forEach(Runnable::run);
  }

  /** Checks what every kernel must keep: its inputs, and everything between the rows. */
  void finish() {
    if (!launched || checks == 0) {
      throw new AssertionError(title + ": the case launched or checked nothing");
    }
    verify();
  }

  /** Fails if an input, or anything before, between or behind the rows of a matrix was written. */
  public void verify() {
    blocks.forEach(b -> b.verify(title, seed));
  }

  /** Fails if anything above the diagonal of an output or an input/output was written. */
  public void verifyUpperUntouched(Matrix matrix) {
    blocks.stream()
        .filter(b -> b.matrix() == matrix)
        .forEach(b -> b.verify(title, seed, (i, j) -> i < matrix.rows() && j > i));
  }

  /** What operations may have written, in the order of creation. */
  public List<Host> results() {
    return blocks.stream().filter(b -> !b.constant()).map(b -> download(b.matrix())).toList();
  }

  /**
   * All matrices with everything around them as they are now, each float as its bits; every NaN as
   * the same one.
   */
  List<int[]> bits() {
    return blocks.stream().map(PlacedMatrix::bits).toList();
  }

  @Override
  public void close() {
    arena.close();
  }

  private static String describe(int i, int j, Wanted wanted, float got, double ratio) {
    return String.format(
        Locale.ROOT,
        "[%d][%d] wanted %.9g got %.9g bound %.3g error/bound %.3g",
        i,
        j,
        wanted.value(),
        got,
        wanted.bound(),
        ratio);
  }

  private Matrix place(Host values, boolean constant) {
    PlacedMatrix placed = PlacedMatrix.of(values, variant, blocks.size(), constant, arena, stream);
    blocks.add(placed);
    return placed.matrix();
  }
}
