package dev.krongauss.table;

import dev.krongauss.data.DataException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** A weight for each class: as told, or so that all classes weigh the same in sum. */
final class ClassWeights {
  private static final String BALANCED = "balanced";

  /** Behind a weight; one within the name of a class has no equals sign before it. */
  private static final Pattern COMMA = Pattern.compile("(?<==[^,=]{0,99}),");

  private ClassWeights() {}

  /**
   * The weights in the order of the classes.
   *
   * @param setting {@code balanced}, {@code a=2,b=1}, or null: none
   * @return empty if there are none; balanced weights n / (k n_c) have mean 1 over the rows
   */
  static double[] of(String file, String setting, ColumnProfile target, Column column)
      throws DataException {
    if (setting == null) {
      return new double[0];
    }
    List<String> classes = column.categories();
    return setting.strip().equals(BALANCED)
        ? balanced(target, classes)
        : told(file, setting, classes);
  }

  private static double[] balanced(ColumnProfile target, List<String> classes) {
    double rows = 0;
    for (String value : classes) {
      rows += target.categories.count(value).training;
    }
    double[] weights = new double[classes.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] =
          rows / (weights.length * (double) target.categories.count(classes.get(i)).training);
    }
    return weights;
  }

  private static double[] told(String file, String setting, List<String> classes)
      throws DataException {
    Map<String, Double> given = new HashMap<>();
    for (String part : COMMA.split(setting, -1)) {
      int equals = part.lastIndexOf('=');
      OptionalDouble weight =
          equals < 0 ? OptionalDouble.empty() : Numbers.parse(part.substring(equals + 1).strip());
      if (weight.isEmpty() || weight.getAsDouble() < 0 || !Double.isFinite(weight.getAsDouble())) {
        throw Say.problem(
            "%s: class weights '%s': '%s' is no class=weight with a finite weight of at least 0;"
                + " give balanced, or as in %s=2,%s=1",
            file, setting, part, classes.get(0), classes.get(1));
      }
      String name = part.substring(0, equals).strip();
      if (!classes.contains(name)) {
        throw Say.problem(
            "%s: class weights '%s': '%s' is no class%s",
            file, setting, name, Names.suggestion(name, classes));
      }
      given.put(name, weight.getAsDouble());
    }
    return inOrder(file, setting, given, classes);
  }

  private static double[] inOrder(
      String file, String setting, Map<String, Double> given, List<String> classes)
      throws DataException {
    double[] weights = new double[classes.size()];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      Double weight = given.get(classes.get(i));
      if (weight == null) {
        throw Say.problem(
            "%s: class weights '%s': none for class '%s'; give each of %s one",
            file, setting, classes.get(i), Names.listed(classes));
      }
      weights[i] = weight;
      sum += weight;
    }
    if (sum == 0) {
      throw Say.problem(
          "%s: class weights '%s' are all 0, so that no row counts; give one above 0",
          file, setting);
    }
    return weights;
  }
}
