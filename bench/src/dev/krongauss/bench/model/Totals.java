package dev.krongauss.bench.model;

import dev.krongauss.optim.Phase;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Milliseconds of an update of each kind, by the model.
 *
 * @param nodes of a plain update
 * @param plain an update without refresh and reduction
 * @param refresh factors and their inverses, alone
 * @param onPath what a refresh makes an update longer: less than {@code refresh} where it runs
 *     beside other phases
 * @param reduction what the reduction ratio takes more
 * @param gaps of a plain update, between its nodes
 * @param limits of a plain update and a refresh, with the share of their time that each binds
 */
record Totals(
    int nodes,
    double plain,
    double refresh,
    double onPath,
    double reduction,
    double gaps,
    String limits) {
  static final int REFRESH_EVERY = 5;
  static final int REDUCTION_EVERY = 10;
  private static final Set<Phase> REFRESH = Set.of(Phase.FACTORS, Phase.FACTORISE);

  /**
   * The sums of an update's nodes.
   *
   * @param beside phases of a plain update whose nodes and those of a refresh are two branches of
   *     the graph; empty where the refresh stands between them
   */
  static Totals of(List<Node> nodes, Set<Phase> beside) {
    Predicate<Node> refresh = n -> REFRESH.contains(n.phase());
    Predicate<Node> reduction = n -> n.phase() == Phase.REDUCTION;
    List<Node> plain = nodes.stream().filter(refresh.or(reduction).negate()).toList();
    ModelledBranch refreshed = new ModelledBranch(nodes.stream().filter(refresh).toList());
    ModelledBranch path =
        new ModelledBranch(plain.stream().filter(n -> beside.contains(n.phase())).toList());
    return new Totals(
        plain.size(),
        new ModelledBranch(plain).microseconds() / 1e3,
        refreshed.microseconds() / 1e3,
        Math.max(0, path.beside(refreshed) - path.microseconds()) / 1e3,
        new ModelledBranch(nodes.stream().filter(reduction).toList()).microseconds() / 1e3,
        plain.stream().mapToDouble(Node::gap).sum() / 1e3,
        limits(nodes));
  }

  /** Of many updates: a refresh every 5, a reduction every 10. */
  double mean() {
    return plain + onPath / REFRESH_EVERY + reduction / REDUCTION_EVERY;
  }

  private static String limits(List<Node> nodes) {
    double all = nodes.stream().mapToDouble(Node::work).sum();
    return nodes.stream()
        .collect(Collectors.groupingBy(Node::limit, Collectors.summingDouble(Node::work)))
        .entrySet()
        .stream()
        .sorted((a, b) -> Double.compare(b.getValue(), a.getValue()))
        .filter(e -> e.getValue() >= 0.01 * all)
        .map(e -> "%s %.0f %%".formatted(e.getKey(), 100 * e.getValue() / all))
        .collect(Collectors.joining(", "));
  }
}
