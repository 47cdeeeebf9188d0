package dev.krongauss.bench.update;

import dev.krongauss.optim.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Times of the kernels of several updates: a kernel is known by its phase, name and occurrence. */
final class KernelTimes {
  private final Map<Key, List<Double>> times = new HashMap<>();
  private final Map<Key, Integer> counts = new HashMap<>(); // of this update, occurrence 0
  private final Map<Key, Integer> places = new HashMap<>();
  private int updates;
  private int place;

  private record Key(Phase phase, String kernel, int occurrence) {}

  /** The kernels of another update follow. */
  void begin() {
    updates++;
    place = 0;
    counts.clear();
  }

  /** The next kernel of the update, and its time in microseconds. */
  void add(Phase phase, String kernel, double microseconds) {
    int occurrence = counts.merge(new Key(phase, kernel, 0), 1, Integer::sum);
    Key key = new Key(phase, kernel, occurrence);
    times.computeIfAbsent(key, k -> new ArrayList<>()).add(microseconds);
    places.merge(key, place++, Math::max);
  }

  /** A row a kernel, in the order in which updates launch them. */
  List<Map<String, Object>> rows() {
    List<Map<String, Object>> rows = new ArrayList<>();
    times.keySet().stream()
        .sorted(Comparator.comparing(Key::phase).thenComparing(places::get))
        .forEach(
            key -> {
              List<Double> of = times.get(key);
              Map<String, Object> row =
                  Spread.of(of).row("kernel " + key.kernel(), of.size() / (double) updates);
              row.put("phase", key.phase().toString());
              row.put("kernel", key.kernel());
              row.put("occurrence", key.occurrence());
              rows.add(row);
            });
    return rows;
  }
}
