package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The trace split of the damping, and every degenerate case, which must give omega = 1. */
final class TraceDampingCase extends KernelCase {
  private static final double GAMMA = 0.03f;

  private enum Kind {
    ORDINARY,
    TINY_CURVATURE,
    DEAD_LAYER,
    ZERO_ACTIVATIONS,
    BOTH_NEGATIVE,
    NOT_A_NUMBER,
    INFINITE,
    RATIO_OVERFLOWS
  }

  private final Kind kind;

  private TraceDampingCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return Arrays.stream(Kind.values()).<KernelCase>map(TraceDampingCase::new).toList();
  }

  @Override
  public String name() {
    return "trace_damping/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<Size> sizes() {
    return kind == Kind.ORDINARY
        ? List.of(
            Size.of("q", 1, "g", 1),
            Size.of("q", 2, "g", 31),
            Size.of("q", 33, "g", 32),
            Size.of("q", 255, "g", 10),
            Size.of("q", 256, "g", 257),
            Size.of("q", 785, "g", 1))
        : List.of(Size.of("q", 3, "g", 1), Size.of("q", 37, "g", 5));
  }

  @Override
  public Work work(Size size) {
    double n = size.get("q") + size.get("g");
    return new Work(n, 4 * n);
  }

  @Override
  public void run(Trial trial) {
    int q = trial.size("q");
    int g = trial.size("g");
    // off the diagonal only NaN: it must not be read
    Host activations =
        Host.of(q, q, (i, j) -> i == j ? trial.random().nextDouble() + 0.1 : Double.NaN);
    Host curvature =
        Host.of(g, g, (i, j) -> i == j ? 1e-3 * (trial.random().nextDouble() + 0.1) : Double.NaN);
    spoil(activations, curvature);
    Matrix Q = trial.input(activations);
    Matrix G = trial.input(curvature);
    Matrix gamma = trial.input(Host.row((float) GAMMA));
    Matrix out = trial.output(1, 2);
    Matrix omegas = trial.output(1, 1);
    TraceDamping damping = new TraceDamping(trial.device());
    trial.launch(
        s ->
            damping.damping(
                s, List.of(Q), List.of(G), gamma.pointer(), out.pointer(), omegas.pointer()));
    boolean usable = kind == Kind.ORDINARY || kind == Kind.TINY_CURVATURE;
    double omega = usable ? Math.sqrt(meanDiagonal(activations) / meanDiagonal(curvature)) : 1;
    double[] wanted = {omega * GAMMA, GAMMA / omega};
    double factor =
        usable
            ? (q + g) / 512.0 + 18
            : 0; // half of two traces of n / 256 + 13 roundings, and five more
    trial.check(
        "damping", out, (i, j) -> Wanted.within(wanted[j], factor + (usable ? 0 : 1), wanted[j]));
    trial.check("omega", omegas, (i, j) -> Wanted.within(omega, factor, omega));
  }

  private void spoil(Host Q, Host G) {
    switch (kind) {
      case ORDINARY -> {}
      case TINY_CURVATURE -> scale(G, 1e-30f);
      case DEAD_LAYER -> scale(G, 0);
      case ZERO_ACTIVATIONS -> scale(Q, 0);
      case BOTH_NEGATIVE -> {
        scale(Q, -1);
        scale(G, -1);
      }
      case NOT_A_NUMBER -> Q.set(Q.rows() - 1, Q.rows() - 1, Float.NaN);
      case INFINITE -> G.set(0, 0, Float.POSITIVE_INFINITY);
      case RATIO_OVERFLOWS -> {
        scale(Q, 1e30f);
        scale(G, 1e-30f);
      }
    }
  }

  private static void scale(Host A, float factor) {
    for (int i = 0; i < A.rows(); i++) {
      A.set(i, i, factor * A.get(i, i));
    }
  }

  private static double meanDiagonal(Host A) {
    double sum = 0;
    for (int i = 0; i < A.rows(); i++) {
      sum += A.at(i, i);
    }
    return sum / A.rows();
  }
}
