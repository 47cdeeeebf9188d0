package dev.krongauss.model;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.Collection;
import java.util.List;

/**
 * A walk over everything that what comes next depends on, value by value in the same order each
 * time. One walk serves both ways: when a checkpoint is written each value is taken as it is, when
 * one is read each value is replaced. So a value cannot be written and forgotten when reading.
 *
 * @see Resumable
 */
public interface State {
  /** Exchanges a matrix, its padding left alone. */
  void matrix(String name, Matrix values);

  /**
   * Exchanges a symmetric matrix of which the lower triangle counts; a file has both halves, since
   * other programs read either, or their mean.
   */
  default void symmetric(String name, Matrix values) {
    matrix(name, values);
  }

  /** Exchanges a buffer bit for bit, whatever its 4-byte words are. */
  void buffer(String name, Buffer words);

  /** Exchanges a number of the host. */
  long number(String name, long value);

  /**
   * Exchanges a number of the host that counts and so is not negative.
   *
   * @throws IllegalArgumentException if the checkpoint has a negative one; nothing has been changed
   *     then
   */
  default long count(String name, long value) {
    return number(name, value);
  }

  /**
   * Exchanges counts of layers, layer by layer, each under its name and the layer's number, from 1.
   *
   * @param names of the counts of a layer
   * @param values of each layer one for each name
   * @return what {@link #count} returned of each
   */
  default long[][] counts(List<String> names, long[][] values) {
    long[][] next = new long[values.length][names.size()];
    for (int l = 0; l < values.length; l++) {
      for (int i = 0; i < names.size(); i++) {
        next[l][i] = count(names.get(i) + (l + 1), values[l][i]);
      }
    }
    return next;
  }

  /** Exchanges a text of the host. */
  String text(String name, String value);

  /**
   * The same, of a text that checkpoints of former versions do not have.
   *
   * @param former what stands for it there
   */
  default String text(String name, String value, String former) {
    return text(name, value);
  }

  /**
   * What kind of part it is whose values follow: the checkpoint's own, also in a walk that only
   * looks, so that they can be asked for.
   *
   * @param value the present kind
   * @param known all kinds
   * @param former the kind in checkpoints of former versions, which do not say it
   * @return the present kind where a checkpoint is written
   * @throws IllegalArgumentException if the checkpoint has another one
   */
  default String kind(String name, String value, Collection<String> known, String former) {
    return text(name, value);
  }

  /**
   * Exchanges a text of the host that is one of several.
   *
   * @throws IllegalArgumentException if the checkpoint has another one; nothing has been changed
   *     then
   */
  default String oneOf(String name, String value, Collection<String> known) {
    return text(name, value);
  }

  /**
   * Says that a value must be the same where the checkpoint is read as where it was written.
   *
   * @throws IllegalArgumentException if it is not; nothing has been changed then
   */
  void same(String name, String value);

  /**
   * The same, of a value that checkpoints of former versions do not have.
   *
   * @param former what they stand for
   */
  default void same(String name, String value, String former) {
    same(name, value);
  }

  /** Whether values are being replaced in this walk. */
  boolean replaces();

  /**
   * Whether this walk is one of those by which a checkpoint is read; else it is one that writes.
   */
  default boolean reads() {
    return replaces();
  }

  /** The walk over a part: its names are behind {@code part} and a dot. */
  State of(String part);

  /** Exchanges matrices under {@code name} and their numbers, from 1. */
  default void matrices(String name, List<Matrix> values) {
    for (int l = 0; l < values.size(); l++) {
      matrix(name + (l + 1), values.get(l));
    }
  }

  /**
   * Exchanges symmetric matrices, or their diagonals {@code [1][d]}, under {@code name} and their
   * numbers, from 1.
   */
  default void symmetrics(String name, List<Matrix> values) {
    for (int l = 0; l < values.size(); l++) {
      symmetric(name + (l + 1), values.get(l));
    }
  }
}
