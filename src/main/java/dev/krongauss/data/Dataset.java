package dev.krongauss.data;

import dev.krongauss.model.LossFunction;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Rows of inputs and targets on the Java heap: inputs {@code [size][inputWidth]}, targets {@code
 * [size][targetWidth]}, both row-major and compact. For an autoencoder the targets are the inputs
 * themselves: one array, no copy.
 *
 * <p>The arrays are taken over, not copied: whoever made them must not change them afterwards.
 * Every value is checked once, here, to be a finite number, so that nothing behind this class has
 * to.
 */
public final class Dataset implements RowSource {
  private final String name;
  private final float[] inputs;
  private final int inputWidth;
  private final float[] targets;
  private final int targetWidth;
  private final int size;

  private long checksum = -1;
  private final Set<LossFunction> checked = Collections.newSetFromMap(new WeakHashMap<>());

  private Dataset(String name, float[] inputs, int inputWidth, float[] targets, int targetWidth) {
    this.name = Objects.requireNonNull(name, "name");
    this.inputs = inputs;
    this.inputWidth = inputWidth;
    this.targets = targets;
    this.targetWidth = targetWidth;
    this.size = rows(inputs, inputWidth, "inputs");
    Floats.requireFinite(name, inputs, inputWidth, "inputs");
    if (targets != inputs) {
      int targetRows = rows(targets, targetWidth, "targets");
      if (targetRows != size) {
        throw new IllegalArgumentException(
            ("data set %s: %,d rows of targets but %,d rows of inputs; give every input row one"
                    + " target row")
                .formatted(name, targetRows, size));
      }
      Floats.requireFinite(name, targets, targetWidth, "targets");
    }
  }

  /**
   * Data whose targets are its inputs.
   *
   * @param name for messages
   * @param inputs {@code [size][width]}, row-major; taken over
   * @param width values a row, at least 1
   * @return the data set
   * @throws IllegalArgumentException if there is no row, the length is not a multiple of the width
   *     or a value is not finite
   */
  public static Dataset autoencoder(String name, float[] inputs, int width) {
    return new Dataset(name, inputs, width, inputs, width);
  }

  /**
   * Data with targets of their own.
   *
   * @param name for messages
   * @param inputs {@code [size][inputWidth]}, row-major; taken over
   * @param inputWidth values an input row, at least 1
   * @param targets {@code [size][targetWidth]}, row-major; taken over
   * @param targetWidth values a target row, at least 1
   * @return the data set
   * @throws IllegalArgumentException if there is no row, a length is not a multiple of its width,
   *     the rows differ in number or a value is not finite
   */
  public static Dataset supervised(
      String name, float[] inputs, int inputWidth, float[] targets, int targetWidth) {
    return new Dataset(name, inputs, inputWidth, targets, targetWidth);
  }

  /**
   * The name, for messages.
   *
   * @return the name given
   */
  @Override
  public String name() {
    return name;
  }

  /**
   * Number of rows.
   *
   * @return at least 1
   */
  @Override
  public int size() {
    return size;
  }

  /**
   * Values an input row, without the homogeneous 1.
   *
   * @return at least 1
   */
  @Override
  public int inputWidth() {
    return inputWidth;
  }

  /**
   * Values a target row.
   *
   * @return at least 1
   */
  @Override
  public int targetWidth() {
    return targetWidth;
  }

  /**
   * Whether the targets are the inputs themselves.
   *
   * @return true if {@link #targets()} and {@link #inputs()} are one array
   */
  @Override
  public boolean isAutoencoder() {
    return targets == inputs;
  }

  /**
   * The inputs, {@code [size][inputWidth]}: the array itself, not to be changed.
   *
   * @return the array given
   */
  public float[] inputs() {
    return inputs;
  }

  /**
   * The targets, {@code [size][targetWidth]}: the array itself, not to be changed.
   *
   * @return the array given
   */
  public float[] targets() {
    return targets;
  }

  @Override
  public void read(int row, FloatBuffer into, FloatBuffer targetsInto) {
    into.put(inputs, row * inputWidth, inputWidth);
    if (!isAutoencoder()) {
      targetsInto.put(targets, row * targetWidth, targetWidth);
    }
  }

  /**
   * Two parts, the held-out rows drawn without replacement.
   *
   * @param heldOut fraction of the rows, above 0 and below 1
   * @param seed the same gives the same rows on every JDK
   * @return copies of the rows, each part in the order of this
   * @throws IllegalArgumentException if there is one row only, or the fraction is outside
   */
  public Split split(double heldOut, long seed) {
    return Split.of(this, RowSplit.random(size, heldOut, seed));
  }

  /**
   * Two parts, the last rows held out, as a time series wants it.
   *
   * @param heldOut fraction of the rows, above 0 and below 1
   * @return copies of the rows
   * @throws IllegalArgumentException if there is one row only, or the fraction is outside
   */
  public Split splitInOrder(double heldOut) {
    return Split.of(this, RowSplit.inOrder(size, heldOut));
  }

  /**
   * Some rows.
   *
   * @param rows numbers from 0, at least one; in any order, also more than once
   * @return a copy of these rows
   * @throws IllegalArgumentException if there is none, or one is not there
   */
  public Dataset rows(int[] rows) {
    float[] chosen = Floats.rows(name, inputs, inputWidth, rows);
    return isAutoencoder()
        ? autoencoder(name, chosen, inputWidth)
        : supervised(
            name, chosen, inputWidth, Floats.rows(name, targets, targetWidth, rows), targetWidth);
  }

  /**
   * Mean and deviation of each input, to be applied to this and to rows held out.
   *
   * @return measured on these rows
   */
  public Standardisation standardisation() {
    return Standardisation.of(this);
  }

  /**
   * These rows with inputs (x - mean) / deviation by their own means and deviations.
   *
   * @return a new data set; {@link #standardisation()} has the numbers, for other rows
   */
  public Dataset standardised() {
    return standardisation().apply(this);
  }

  /**
   * CRC-32C of all values, bit for bit; computed at the first call.
   *
   * @return the same for the same inputs and targets
   */
  public long checksum() {
    synchronized (checked) {
      if (checksum < 0) {
        checksum = targets == inputs ? Floats.checksum(inputs) : Floats.checksum(inputs, targets);
      }
      return checksum;
    }
  }

  /**
   * Checks that every target lies in a closed range, as a loss may ask (Bernoulli: 0 to 1).
   *
   * @param low smallest allowed value
   * @param high largest allowed value
   * @return this
   * @throws IllegalArgumentException if a target is outside; the message names the first such value
   */
  public Dataset requireTargets(double low, double high) {
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] < low || targets[i] > high) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "data set %s: target %s in row %,d, column %,d is outside [%s, %s]; scale the"
                    + " targets or choose another loss",
                name,
                targets[i],
                i / targetWidth,
                i % targetWidth,
                low,
                high));
      }
    }
    return this;
  }

  /**
   * Checks that a loss can take these targets: all of them the first time, and nothing from then
   * on.
   *
   * @param loss whose {@link LossFunction#checkTargets} decides
   * @throws IllegalArgumentException if it refuses a target; the message names the row and the
   *     value
   */
  public void checkTargets(LossFunction loss) {
    synchronized (checked) {
      if (!checked.contains(loss)) {
        try {
          loss.checkTargets(targets, targetWidth);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "data set %s does not fit loss %s: %s".formatted(name, loss.name(), e.getMessage()),
              e);
        }
        checked.add(loss);
      }
    }
  }

  @Override
  public String toString() {
    return isAutoencoder()
        ? "%s [%d][%d], targets = inputs".formatted(name, size, inputWidth)
        : "%s [%d][%d] -> [%d]".formatted(name, size, inputWidth, targetWidth);
  }

  private int rows(float[] values, int width, String what) {
    Objects.requireNonNull(values, what);
    if (width < 1) {
      throw new IllegalArgumentException(
          "data set %s: %s of width %d; a row needs at least one value"
              .formatted(name, what, width));
    }
    if (values.length == 0 || values.length % width != 0) {
      throw new IllegalArgumentException(
          "data set %s: %,d values of %s are not a whole, positive number of rows of width %,d"
              .formatted(name, values.length, what, width));
    }
    return values.length / width;
  }
}
