package dev.krongauss.bench.run;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.update.UpdateCost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a comparison has come to so far.
 *
 * @param conditions what it holds for
 * @param curves of finished runs, in order
 * @param grid settings tried
 * @param tuned labels of the settings that run because the grid found them best
 * @param peers what ran in other frameworks
 * @param costs of an update of each method; empty before they are measured
 */
public record Results(
    Conditions conditions,
    List<Curve> curves,
    List<GridResult> grid,
    List<String> tuned,
    List<PeerResult> peers,
    List<UpdateCost> costs) {

  /** The curves of each optimiser, one a seed, in the order of the runs. */
  public Map<String, List<Curve>> byLabel() {
    return byLabel(curves);
  }

  static Map<String, List<Curve>> byLabel(List<Curve> curves) {
    Map<String, List<Curve>> groups = new LinkedHashMap<>();
    curves.forEach(c -> groups.computeIfAbsent(c.label(), k -> new ArrayList<>()).add(c));
    return groups;
  }

  /** The curves of one optimiser; empty unless there is one for every seed. */
  public Optional<List<Curve>> of(String label) {
    List<Curve> found = byLabel().getOrDefault(label, List.of());
    return found.size() == conditions.seeds() ? Optional.of(found) : Optional.empty();
  }

  /** Title of page and pictures. */
  public String title() {
    return conditions.toString();
  }
}
