package dev.krongauss.dist;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** That all ranks have the same settings: found at the start, the difference named. */
public final class Agreement {
  private Agreement() {}

  /**
   * Compares what each rank says of itself; waits for all ranks.
   *
   * @param settings names and values, without line breaks
   * @throws DisagreementException on every rank, if one differs from rank 0
   * @throws CollectiveException if a rank does not come
   */
  public static void check(Collective ranks, Map<String, String> settings) {
    StringBuilder text = new StringBuilder();
    settings.forEach((name, value) -> text.append(name).append('\t').append(value).append('\n'));
    List<byte[]> all = ranks.allGather(text.toString().getBytes(StandardCharsets.UTF_8));
    Map<String, String> first = parse(all.get(0));
    for (int r = 1; r < all.size(); r++) {
      Map<String, String> other = parse(all.get(r));
      for (String name : first.keySet()) {
        same(
            first.get(name).equals(other.get(name)),
            "rank %d has %s %s, and rank 0 has %s; all ranks need the same",
            r,
            name,
            other.get(name),
            first.get(name));
      }
      same(
          first.equals(other),
          "rank %d has settings that rank 0 does not have: %s against %s; start the same program on"
              + " all ranks",
          r,
          other.keySet(),
          first.keySet());
    }
  }

  private static void same(boolean alike, String format, Object... values) {
    if (!alike) {
      throw new DisagreementException(String.format(Locale.ROOT, format, values));
    }
  }

  private static Map<String, String> parse(byte[] text) {
    Map<String, String> settings = new LinkedHashMap<>();
    new String(text, StandardCharsets.UTF_8)
        .lines()
        .forEach(
            line -> {
              int tab = line.indexOf('\t');
              settings.put(line.substring(0, tab), line.substring(tab + 1));
            });
    return settings;
  }
}
