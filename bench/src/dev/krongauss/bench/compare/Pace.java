package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.OptimizerKind;
import java.util.List;
import java.util.Optional;

/**
 * A first-order method's pace in PyTorch. On a CPU an interpreter slows our first-order methods
 * more than the others, so that ours alone would be too easy a rival.
 */
final class Pace {
  private final OptimizerKind kind;
  private final boolean gpu;
  private final Optional<Double> ratio;

  private Pace(OptimizerKind kind, boolean gpu, Optional<Double> ratio) {
    this.kind = kind;
    this.gpu = gpu;
    this.ratio = ratio;
  }

  /**
   * Of the peer that is the same method in PyTorch, if it ran on the same CPU.
   *
   * @param ours runs of our own
   */
  static Pace of(OptimizerKind kind, List<Curve> ours, Verdicts verdicts) throws Evidence.Missing {
    Evidence evidence = verdicts.evidence();
    boolean gpu = verdicts.results().conditions().gpu();
    String peer = "torch-" + kind;
    return new Pace(
        kind,
        gpu,
        gpu || !evidence.ran(peer)
            ? Optional.empty()
            : Optional.of(evidence.costRatio(evidence.any(peer), ours).value()));
  }

  /** What a ratio to our method is to PyTorch's; the same where that did not run. */
  double of(double value) {
    return value / ratio.orElse(1.0);
  }

  /** Whether a bound holds at either pace. */
  boolean holds(double value, double bound) {
    return value <= bound && of(value) <= bound;
  }

  /**
   * Says what a ratio is at PyTorch's pace, or that it did not run.
   *
   * @param words with a place for the number
   */
  String text(double value, String words) {
    if (ratio.isPresent()) {
      return words.formatted(Evidence.number(of(value)));
    }
    return gpu
        ? ""
        : "; PyTorch's %s did not run beside it (--peer torch-%s)".formatted(name(kind), kind);
  }

  /** As a sentence has it. */
  static String name(OptimizerKind kind) {
    String text = kind.toString();
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
