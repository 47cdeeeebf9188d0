package dev.krongauss.bench.model;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Nodes of a graph that follow one another.
 *
 * @param nodes in their order
 */
record ModelledBranch(List<Node> nodes) {
  /** Of the branch alone, with the gaps behind its nodes. */
  double microseconds() {
    return nodes.stream().mapToDouble(Node::microseconds).sum();
  }

  /**
   * Microseconds of this branch and another one that begin and end together: the longer one, or
   * what both take of a limit that they share, or of the room on the multiprocessors.
   */
  double beside(ModelledBranch other) {
    List<Node> both = java.util.stream.Stream.of(nodes, other.nodes).flatMap(List::stream).toList();
    double room = both.stream().mapToDouble(Node::room).sum();
    return DoubleStream.concat(
            DoubleStream.of(microseconds(), other.microseconds(), room),
            Node.SHARED.stream()
                .mapToDouble(limit -> both.stream().mapToDouble(n -> n.limits().get(limit)).sum()))
        .max()
        .orElseThrow();
  }
}
