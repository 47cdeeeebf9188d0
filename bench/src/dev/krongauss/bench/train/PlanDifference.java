package dev.krongauss.bench.train;

import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The first thing in which the columns of a checkpoint are other ones than a table's. */
final class PlanDifference {
  private PlanDifference() {}

  /**
   * In words.
   *
   * @param begun the plan of the checkpoint
   * @param now the table's
   * @return empty if both are alike
   */
  static Optional<String> of(ColumnPlan begun, ColumnPlan now) {
    if (begun.equals(now)) {
      return Optional.empty();
    }
    if (begun.task() != now.task()) {
      return Optional.of("it was begun as %s, and this is %s".formatted(begun.task(), now.task()));
    }
    Optional<String> found =
        columns("target", begun.targets(), now.targets())
            .or(() -> columns("input", begun.inputs(), now.inputs()));
    return Optional.of(found.orElse("its columns come in another order, or others are left out"));
  }

  private static Optional<String> columns(String role, List<Column> begun, List<Column> now) {
    Map<String, Column> before = byName(begun);
    Map<String, Column> here = byName(now);
    for (Column column : begun) {
      if (!here.containsKey(column.name())) {
        return Optional.of("its %s '%s' is none here".formatted(role, column.name()));
      }
    }
    for (Column column : now) {
      Column other = before.get(column.name());
      if (other == null) {
        return Optional.of("the %s '%s' here is none of its own".formatted(role, column.name()));
      }
      if (!other.equals(column)) {
        return Optional.of(
            "its %s '%s' %s, and here %s"
                .formatted(role, column.name(), text(other), text(column)));
      }
    }
    return Optional.empty();
  }

  private static Map<String, Column> byName(List<Column> columns) {
    return columns.stream().collect(Collectors.toMap(Column::name, Function.identity()));
  }

  private static String text(Column column) {
    return switch (column.kind()) {
      case NUMBER ->
          String.format(
              Locale.ROOT,
              "has mean %s and deviation %s%s",
              column.mean(),
              column.deviation(),
              column.indicator() ? " and a value for missing cells" : "");
      case CATEGORY ->
          String.format(
              Locale.ROOT,
              "has %,d categories%s",
              column.categories().size(),
              column.indicator() ? " and a value for missing cells" : "");
    };
  }
}
