package dev.krongauss.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names that count on, as {@code feature 1} to {@code feature 1000}, kept in JSON as one object
 * with {@code prefix}, {@code first} and {@code last}.
 */
final class NameRun {
  /** Fewer are written out. */
  private static final int LEAST = 16;

  private static final int MOST = 1 << 25;
  private static final Pattern COUNTED =
      Pattern.compile("(.*[^0-9])(0|[1-9][0-9]{0,8})", Pattern.DOTALL);

  private NameRun() {}

  /** Names and objects for runs of them, in order. */
  static List<Object> packed(List<String> names) {
    List<Object> packed = new ArrayList<>();
    for (int begin = 0; begin < names.size(); ) {
      Matcher first = COUNTED.matcher(names.get(begin));
      int length = first.matches() ? length(names, begin, first) : 1;
      if (length < LEAST) {
        packed.addAll(names.subList(begin, begin + length));
      } else {
        int number = Integer.parseInt(first.group(2));
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("prefix", first.group(1));
        run.put("first", number);
        run.put("last", number + length - 1);
        packed.add(run);
      }
      begin += length;
    }
    return packed;
  }

  private static int length(List<String> names, int begin, Matcher first) {
    String prefix = first.group(1);
    int number = Integer.parseInt(first.group(2));
    int end = begin + 1;
    while (end < names.size() && names.get(end).equals(prefix + (number + end - begin))) {
      end++;
    }
    return end - begin;
  }

  /** The names that a part of {@link #packed} stands for. */
  static List<String> unpacked(Object part) {
    if (part instanceof String name) {
      return List.of(name);
    }
    if (part instanceof Map<?, ?> run
        && run.size() == 3
        && run.get("prefix") instanceof String prefix
        && run.get("first") instanceof Integer first
        && run.get("last") instanceof Integer last
        && first >= 0
        && last >= first
        && last - first < MOST) {
      List<String> names = new ArrayList<>();
      for (int i = first; i <= last; i++) {
        names.add(prefix + i);
      }
      return names;
    }
    throw PlanJson.unknown(Say.text("'%s' is neither a name nor names that count on", part));
  }
}
