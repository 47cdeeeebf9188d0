package dev.krongauss.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One column of a table and how its cells become numbers. Values are computed in double and rounded
 * to float once, at the end.
 *
 * <p>As an input, a {@link Kind#NUMBER} x becomes (x - mean) / deviation, and a missing one 0. A
 * {@link Kind#CATEGORY} becomes as many values as it has categories: 1 at its own, else 0; missing,
 * or none of them, all 0. With {@code indicator} one more value follows: 1 where the cell is
 * missing, else 0.
 *
 * <p>As a target, a number is trained on as (t - mean) / deviation. Of two categories the first is
 * the negative one, 0, and the second the positive one, 1; of more, each has its output.
 *
 * @param name as the file has it, or made from the position where it has none
 * @param kind number or category
 * @param mean in the column's unit; 0 for categories
 * @param deviation in the column's unit, positive; 1 for categories
 * @param categories their texts, in the order of their values; empty for numbers
 * @param indicator whether a value behind the others says that the cell is missing
 */
public record Column(
    String name,
    Kind kind,
    double mean,
    double deviation,
    List<String> categories,
    boolean indicator) {

  /** What the cells are. */
  public enum Kind {
    /** Standardised. */
    NUMBER,

    /** One value a category. */
    CATEGORY
  }

  /**
   * Checks what belongs together.
   *
   * @throws IllegalArgumentException if the deviation is not positive or a value not finite, if a
   *     number has categories, or a category column none or one twice
   */
  public Column {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    categories = List.copyOf(categories);
    if (!Double.isFinite(mean) || !Double.isFinite(deviation) || deviation <= 0) {
      throw new IllegalArgumentException(
          "column %s: mean %s and deviation %s; both are finite and the deviation is above 0"
              .formatted(name, mean, deviation));
    }
    if (kind == Kind.NUMBER ? !categories.isEmpty() : categories.isEmpty()) {
      throw new IllegalArgumentException(
          "column %s: %d categories in a column of kind %s; only categories have them"
              .formatted(name, categories.size(), kind));
    }
    if (categories.stream().distinct().count() < categories.size()) {
      throw new IllegalArgumentException(
          "column %s: a category stands there twice in %s".formatted(name, categories));
    }
  }

  /**
   * A number column.
   *
   * @param name the column
   * @param mean of the training rows
   * @param deviation of the training rows, positive
   * @param indicator whether missing cells have a value of their own
   * @return the column
   */
  public static Column number(String name, double mean, double deviation, boolean indicator) {
    return new Column(name, Kind.NUMBER, mean, deviation, List.of(), indicator);
  }

  /**
   * A category column.
   *
   * @param name the column
   * @param categories at least one
   * @param indicator whether missing cells have a value of their own
   * @return the column
   */
  public static Column category(String name, List<String> categories, boolean indicator) {
    return new Column(name, Kind.CATEGORY, 0, 1, categories, indicator);
  }

  /**
   * Values that an input of this column takes.
   *
   * @return 1 or the number of categories, and one more with an indicator
   */
  public int width() {
    return (kind == Kind.NUMBER ? 1 : categories.size()) + (indicator ? 1 : 0);
  }

  /**
   * A name for each value: {@code age}, {@code sex=M}, {@code age missing}.
   *
   * @return {@link #width()} names
   */
  public List<String> valueNames() {
    List<String> names = new ArrayList<>();
    if (kind == Kind.NUMBER) {
      names.add(name);
    }
    categories.forEach(category -> names.add(name + "=" + category));
    if (indicator) {
      names.add(name + " missing");
    }
    return List.copyOf(names);
  }
}
