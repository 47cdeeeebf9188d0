package dev.krongauss.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** Different values of a column and how often they occur, up to a limit. */
final class Categories {
  /** More different values than these are no categories. */
  static final int LIMIT = 1000;

  /** One value: how often it occurs in training rows and in all, and where first. */
  static final class Count {
    long training;
    long all;
    long firstLine;
  }

  private final Map<String, Count> counts = new HashMap<>();
  private final List<String> order = new ArrayList<>();
  private boolean tooMany;
  private boolean repeated;

  void add(String value, long line, boolean training) {
    if (tooMany) {
      return;
    }
    Count count = counts.get(value);
    if (count == null) {
      if (order.size() == LIMIT) {
        tooMany = true;
        return;
      }
      count = new Count();
      count.firstLine = line;
      counts.put(value, count);
      order.add(value);
    } else {
      repeated = true;
    }
    count.all++;
    count.training += training ? 1 : 0;
  }

  /** A note on categories that differ in upper and lower case alone; empty if none do. */
  static List<String> alike(Column column) {
    Map<String, String> known = new HashMap<>();
    for (String category : column.categories()) {
      String before = known.putIfAbsent(category.toLowerCase(Locale.ROOT), category);
      if (before != null) {
        return List.of(
            Say.text(
                "column '%s': %s and %s differ in upper and lower case alone, and are two"
                    + " categories",
                column.name(), Say.quoted(before), Say.quoted(category)));
      }
    }
    return List.of();
  }

  /** Adds what was counted in later rows. */
  void add(Categories later) {
    repeated |= later.repeated;
    for (String value : later.order) {
      Count theirs = later.counts.get(value);
      Count ours = counts.get(value);
      if (ours != null) {
        repeated = true;
        ours.all += theirs.all;
        ours.training += theirs.training;
      } else if (order.size() == LIMIT) {
        tooMany = true;
      } else {
        counts.put(value, theirs);
        order.add(value);
      }
    }
    tooMany |= later.tooMany;
  }

  boolean tooMany() {
    return tooMany;
  }

  /** Whether a value came twice, as far as they were looked at. */
  boolean repeated() {
    return repeated;
  }

  /** Different values of all rows. */
  int size() {
    return order.size();
  }

  Count count(String value) {
    return counts.get(value);
  }

  /** All values; numbers by size if all are, else by their characters. */
  List<String> sorted() {
    List<String> values = new ArrayList<>(order);
    boolean numbers = true;
    for (String value : values) {
      numbers &= Numbers.parse(value).isPresent();
    }
    if (numbers) {
      values.sort(
          (a, b) -> {
            int bySize = Double.compare(number(a), number(b));
            return bySize == 0 ? a.compareTo(b) : bySize;
          });
    } else {
      values.sort(null);
    }
    return values;
  }

  /** Those of training rows, sorted. */
  List<String> trained() {
    return sorted().stream().filter(value -> counts.get(value).training > 0).toList();
  }

  private static double number(String value) {
    OptionalDouble number = Numbers.parse(value);
    return number.getAsDouble();
  }
}
