package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The trace split of three dampings, and every degenerate case, which must give omega = 1; bounds
 * of gamma above, below and around it.
 */
final class TraceDampingCase extends KernelCase {
  private static final float GAMMA = 0.03f;

  private enum Kind {
    ORDINARY,
    TINY_CURVATURE,
    DEAD_LAYER,
    ZERO_ACTIVATIONS,
    BOTH_NEGATIVE,
    NOT_A_NUMBER,
    INFINITE,
    RATIO_OVERFLOWS,
    RAISED,
    LOWERED,
    NO_GAMMA;

    boolean usable() {
      return this == ORDINARY || this == TINY_CURVATURE || ordinal() >= RAISED.ordinal();
    }

    float gamma() {
      return this == NO_GAMMA ? Float.NaN : GAMMA;
    }

    TraceDamping.Candidates candidates() {
      return switch (this) {
        case RAISED -> new TraceDamping.Candidates(0.5f, 2, 0.02f, Float.POSITIVE_INFINITY);
        case LOWERED -> new TraceDamping.Candidates(0.5f, 2, 0, 0.04f);
        default -> new TraceDamping.Candidates(10, 100, 0, Float.POSITIVE_INFINITY);
      };
    }

    /** The three gammas, which the kernel has to the bit: a product, and comparisons. */
    float[] gammas() {
      TraceDamping.Candidates c = candidates();
      float[] gammas = {gamma(), c.second() * gamma(), c.third() * gamma()};
      for (int i = 0; i < gammas.length; i++) {
        gammas[i] = Math.min(Math.max(gammas[i], c.least()), c.greatest());
      }
      return gammas;
    }
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
    Matrix gamma = trial.input(Host.row(kind.gamma()));
    Matrix gammas = trial.output(1, TraceDamping.CANDIDATES);
    Matrix out = trial.output(1, 2 * TraceDamping.CANDIDATES);
    Matrix omegas = trial.output(1, 1);
    TraceDamping damping = new TraceDamping(trial.device());
    trial.launch(
        s ->
            damping.damping(
                s,
                List.of(Q),
                List.of(G),
                gamma.pointer(),
                kind.candidates(),
                gammas.pointer(),
                out.pointer(),
                omegas.pointer()));
    double omega =
        kind.usable() ? Math.sqrt(meanDiagonal(activations) / meanDiagonal(curvature)) : 1;
    float[] wanted = kind.gammas();
    double factor = // half of two traces of n / 256 + 13 roundings each, and five more
        kind.usable() ? (q + g) / 512.0 + 18 : 0;
    trial.check("gammas", gammas, (i, j) -> Wanted.exactly(wanted[j]));
    trial.check(
        "damping",
        out,
        (i, j) -> {
          double value = j % 2 == 0 ? omega * wanted[j / 2] : wanted[j / 2] / omega;
          return Wanted.within(value, factor + 1, value);
        });
    trial.check("omega", omegas, (i, j) -> Wanted.within(omega, factor, omega));
  }

  private void spoil(Host Q, Host G) {
    switch (kind) {
      case ORDINARY, RAISED, LOWERED, NO_GAMMA -> {}
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
