package dev.krongauss.kernel;

import java.util.List;

/**
 * One kernel variant under test: its sizes, its inputs, its double-precision reference and the
 * error bound derived for it.
 *
 * <p>{@link #run} reads from top to bottom: make inputs, launch, say what each output must be. The
 * same object serves the tests (which compare) and the benchmarks (which only time {@link
 * Trial#launch}), so the reference is given as a function of the element and is evaluated only
 * where somebody compares.
 *
 * <p>To add one: extend this class, append it to {@link KernelCases}.
 */
public abstract class KernelCase {
  /** The kernel's name, and the variant after a slash: {@code "matmul/forward-tanh"}. */
  public abstract String name();

  /** Sizes: 1, tile - 1, tile, tile + 1, a prime, many tiles plus a tail. */
  public abstract List<Size> sizes();

  /** The least arithmetic and memory traffic of one launch at this size. */
  public abstract Work work(Size size);

  /** Makes the inputs, launches and checks the outputs. */
  public abstract void run(Trial trial);

  /** The inputs and layouts that this case is run with; all of them unless a case has a reason. */
  public List<Variant> variants() {
    return List.of(Variant.values());
  }

  /**
   * Sizes that are timed on a GPU: those of the paper's autoencoder where the dimensions' names
   * tell, else the largest one; none for a case that is not worth timing.
   */
  public List<Size> benchSizes() {
    return PaperSizes.of(this);
  }

  @Override
  public final String toString() {
    return name();
  }

  /**
   * Least work of a launch: floating-point operations, and bytes read plus written with every
   * operand moved once.
   */
  public record Work(double flops, double bytes) {}

  /** What the random inputs look like and how matrices lie in memory. */
  public enum Variant {
    /** Uniform in [-1, 1); own layout: rows padded to 32 floats, 256-byte aligned base. */
    MIXED,
    /** Uniform in [0, 1): nothing cancels, one-sided rounding shows; own layout. */
    POSITIVE,
    /**
     * Uniform in [-1, 1); foreign layouts that forbid 16-byte accesses: odd strides, or a base
     * aligned to 4 bytes only; sentinels before, between and behind the rows.
     */
    FOREIGN,
    /**
     * Uniform in [-1, 1); views of somebody else's wider rows that allow 16-byte accesses: the base
     * is aligned, the stride a multiple of 4 or 32, also a much larger one; sentinels before,
     * between and behind the rows.
     */
    VIEW
  }
}
