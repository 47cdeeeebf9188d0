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
 * @param refresh what factors and their inverses take more
 * @param reduction what the reduction ratio takes more
 * @param gaps of a plain update, between its nodes
 * @param limits of a plain update and a refresh, with the share of their time that each binds
 */
record Totals(
    int nodes, double plain, double refresh, double reduction, double gaps, String limits) {
  static final int REFRESH_EVERY = 5;
  static final int REDUCTION_EVERY = 10;
  private static final Set<Phase> REFRESH = Set.of(Phase.FACTORS, Phase.FACTORISE);

  static Totals of(List<Node> nodes) {
    Predicate<Node> refresh = n -> REFRESH.contains(n.phase());
    Predicate<Node> reduction = n -> n.phase() == Phase.REDUCTION;
    List<Node> plain = nodes.stream().filter(refresh.or(reduction).negate()).toList();
    return new Totals(
        plain.size(),
        milliseconds(plain),
        milliseconds(nodes.stream().filter(refresh).toList()),
        milliseconds(nodes.stream().filter(reduction).toList()),
        plain.stream().mapToDouble(Node::gap).sum() / 1e3,
        limits(nodes));
  }

  /** Of many updates: a refresh every 5, a reduction every 10. */
  double mean() {
    return plain + refresh / REFRESH_EVERY + reduction / REDUCTION_EVERY;
  }

  private static double milliseconds(List<Node> nodes) {
    return nodes.stream().mapToDouble(Node::microseconds).sum() / 1e3;
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
