package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.group.Groups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The trace split of three dampings, and every degenerate layer, which must give omega = 1 while
 * the layers beside it keep theirs; bounds of gamma above, below and around it.
 */
final class TraceDampingCase extends KernelCase {
  private static final float GAMMA = 0.03f;

  private enum Kind {
    ORDINARY,
    MANY,
    /** One G in its whole shape, one as its diagonal. */
    VECTOR,
    TINY_CURVATURE,
    LEAST_CURVATURE,
    DEAD_LAYER,
    ZERO_ACTIVATIONS,
    BOTH_NEGATIVE,
    NOT_A_NUMBER,
    INFINITE,
    RATIO_OVERFLOWS,
    RATIO_UNDERFLOWS,
    RAISED,
    LOWERED,
    NO_GAMMA,
    NO_BATCH_OF_Q,
    NO_BATCH_OF_G;

    boolean usable() {
      return this == ORDINARY
          || this == MANY
          || this == VECTOR
          || this == TINY_CURVATURE
          || this == LEAST_CURVATURE
          || ordinal() >= RAISED.ordinal();
    }

    /** Ints of {@link Past} of a layer's factors. */
    int[] batches(boolean inTheMiddle) {
      boolean noQ = inTheMiddle && this == NO_BATCH_OF_Q;
      boolean noG = inTheMiddle && (this == NO_BATCH_OF_G || this == MANY);
      return new int[] {noQ ? 0 : 2, 0, noG ? 0 : 1 << 30, 0};
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
    return switch (kind) {
      case ORDINARY, VECTOR ->
          List.of(
              Size.of("q", 1, "g", 1),
              Size.of("q", 2, "g", 31),
              Size.of("q", 33, "g", 32),
              Size.of("q", 255, "g", 10),
              Size.of("q", 256, "g", 257),
              Size.of("q", 785, "g", 1));
      case MANY ->
          List.of(
              Size.of("layers", 1),
              Size.of("layers", Groups.MOST),
              Size.of("layers", Groups.MOST + 1),
              Size.of("layers", 2 * Groups.MOST + 3));
      default -> List.of(Size.of("q", 3, "g", 1), Size.of("q", 37, "g", 5));
    };
  }

  private int layers(Size size) {
    return kind == Kind.MANY ? size.get("layers") : 3;
  }

  private int q(Size size, int l) {
    return kind == Kind.MANY ? 1 + 7 * l % 19 : size.get("q") + l;
  }

  private int g(Size size, int l) {
    return kind == Kind.MANY ? 1 + 5 * l % 13 : size.get("g") + 2 * l;
  }

  @Override
  public Work work(Size size) {
    double n = 0;
    for (int l = 0; l < layers(size); l++) {
      n += q(size, l) + g(size, l);
    }
    return new Work(n, 4 * n);
  }

  /** The layer in the middle is the one that may be degenerate. */
  @Override
  public void run(Trial trial) {
    int layers = layers(trial.size());
    List<Host> Q = new ArrayList<>();
    List<Host> G = new ArrayList<>();
    List<Matrix> q = new ArrayList<>();
    List<Matrix> g = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      Q.add(diagonal(trial, q(trial.size(), l), 1));
      G.add(diagonal(trial, g(trial.size(), l), 1e-3));
      if (l == layers / 2) {
        spoil(Q.get(l), G.get(l));
      }
      q.add(trial.input(Q.get(l)));
      boolean vector = kind == Kind.VECTOR && l > 0;
      g.add(trial.input(vector ? row(G.get(l)) : G.get(l)));
    }
    Matrix gamma = trial.input(Host.row(kind.gamma()));
    Matrix gammas = trial.output(1, TraceDamping.CANDIDATES);
    Matrix out = trial.output(1, 2 * layers * TraceDamping.CANDIDATES);
    Matrix omegas = trial.output(1, layers);
    Matrix traces = kind == Kind.LOWERED ? null : trial.output(1, 2 * layers);
    int[] batches =
        IntStream.range(0, layers)
            .flatMap(l -> IntStream.of(kind.batches(l == layers / 2)))
            .toArray();
    long counts = kind == Kind.ORDINARY ? 0 : trial.ints(batches).pointer();
    TraceDamping damping = new TraceDamping(trial.device());
    trial.launch(
        s ->
            damping.damping(
                s,
                q,
                g,
                gamma.pointer(),
                kind.candidates(),
                counts,
                gammas.pointer(),
                out.pointer(),
                omegas.pointer(),
                traces == null ? 0 : traces.pointer()));
    float[] wanted = kind.gammas();
    trial.check("gammas", gammas, (i, j) -> Wanted.exactly(wanted[j]));
    trial.check("omega", omegas, (i, l) -> omega(l, layers, Q.get(l), G.get(l)));
    if (traces != null) {
      trial.check("traces", traces, (i, k) -> trace((k % 2 == 0 ? Q : G).get(k / 2)));
    }
    trial.check(
        "damping",
        out,
        (i, j) -> {
          int l = j / 2 % layers;
          if (batches[4 * l + 2 * (j % 2)] == 0) {
            return Wanted.exactly(Double.NaN);
          }
          double candidate = wanted[j / 2 / layers];
          Wanted omega = omega(l, layers, Q.get(l), G.get(l));
          double value = j % 2 == 0 ? omega.value() * candidate : candidate / omega.value();
          double relative = omega.bound() / omega.value() + Wanted.EPSILON;
          return new Wanted(value, relative * value + Wanted.TINY);
        });
  }

  /** Only NaN off the diagonal: it must not be read. */
  private static Host diagonal(Trial trial, int n, double scale) {
    return Host.of(
        n, n, (i, j) -> i == j ? scale * (trial.random().nextDouble() + 0.1) : Double.NaN);
  }

  /** A thread adds n / 256 elements, and trees of 5 + 8 their sums. */
  private static Wanted trace(Host A) {
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < A.rows(); i++) {
      sum += A.at(i, i);
      magnitude += Math.abs(A.at(i, i));
    }
    return Wanted.within(sum, A.rows() / 256.0 + 13, magnitude);
  }

  private static Host row(Host diagonal) {
    return Host.of(1, diagonal.rows(), (i, j) -> diagonal.at(j, j));
  }

  /** Half of two traces of n / 256 + 13 roundings, and six more; exactly 1 where degenerate. */
  private Wanted omega(int l, int layers, Host Q, Host G) {
    if (l == layers / 2 && !kind.usable()) {
      return Wanted.exactly(1);
    }
    double omega = Math.sqrt(meanDiagonal(Q) / meanDiagonal(G));
    return Wanted.within(omega, (Q.rows() + G.rows()) / 512.0 + 19, omega);
  }

  private void spoil(Host Q, Host G) {
    switch (kind) {
      case ORDINARY, MANY, VECTOR, RAISED, LOWERED, NO_GAMMA, NO_BATCH_OF_Q, NO_BATCH_OF_G -> {}
      case TINY_CURVATURE -> scale(G, 1e-30f);
      case LEAST_CURVATURE -> scale(G, 1e-38f); // subnormal, and the quotient beyond FP32
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
      case RATIO_UNDERFLOWS -> {
        scale(Q, 1e-35f);
        scale(G, 1e35f);
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
