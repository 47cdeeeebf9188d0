package dev.krongauss.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** The number of each category of a column, and what was met that is none of them. */
final class CategoryCode {
  private static final int NAMED = 5;
  private static final int NONE = -1;

  private final String name;
  private final Map<String, Integer> byText = new HashMap<>();
  private final Map<Double, Integer> byNumber = new HashMap<>();
  private final Set<String> strangers = new LinkedHashSet<>();
  private long unknown;

  CategoryCode(Column column) {
    name = column.name();
    List<String> categories = column.categories();
    for (int i = 0; i < categories.size(); i++) {
      byText.put(categories.get(i), i);
      // "3" is met as 3.0 too, but "007" is a code and no number.
      OptionalDouble number = Numbers.parse(categories.get(i));
      if (number.isPresent() && Numbers.text(number.getAsDouble()).equals(categories.get(i))) {
        byNumber.put(number.getAsDouble(), i);
      }
    }
  }

  /** The category of a cell that is not missing, from 0; -1: none. */
  int index(Row row, int position) {
    int index =
        row.kinds[position] == Row.NUMBER
            ? byNumber.getOrDefault(row.numbers[position], NONE)
            : ofText(row.texts[position]);
    if (index == NONE) {
      unknown++;
      if (strangers.size() < NAMED) {
        strangers.add(row.category(position));
      }
    }
    return index;
  }

  private int ofText(String text) {
    Integer index = byText.get(text);
    if (index != null) {
      return index;
    }
    OptionalDouble number = byNumber.isEmpty() ? OptionalDouble.empty() : Numbers.parse(text);
    return number.isPresent() ? byNumber.getOrDefault(number.getAsDouble(), NONE) : NONE;
  }

  long unknown() {
    return unknown;
  }

  String note() {
    List<String> shown = new ArrayList<>();
    strangers.forEach(stranger -> shown.add(Say.quoted(stranger)));
    return Say.text(
        "column '%s': %s with values that the training rows do not have (%s%s); encoded as none"
            + " of the categories",
        name,
        Say.count(unknown, "cell"),
        String.join(", ", shown),
        unknown > shown.size() ? ", ..." : "");
  }
}
