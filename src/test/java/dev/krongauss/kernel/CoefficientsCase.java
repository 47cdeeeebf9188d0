package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The coefficients of the layers, held against the system that they solve, and every system that
 * has none or is degenerate.
 */
final class CoefficientsCase extends KernelCase {
  private static final float LAMBDA = 5e-3f;
  private static final float ETA = 1e-5f;
  private static final float KAPPA = 0.3f;

  private final Kind kind;

  /** What is done to a positive definite system; k is the layer in the middle. */
  private enum Kind {
    ORDINARY,
    /** Two layers of the same direction: only damping tells them apart. */
    TWINS,
    /** D_k = 0. */
    DEAD_LAYER,
    /** The gradient is 0. */
    STATIONARY,
    /** What underflow leaves of a gradient, and no curvature. */
    UNDERFLOW,
    /** Slopes add up to 0. */
    CANCELLING,
    /** No curvature, no damping, and a slope. */
    UNBOUNDED,
    /** C_kk is negative. */
    INDEFINITE,
    /** All of C's diagonal is positive, and C is not. */
    SADDLE,
    NAN_SLOPE,
    INFINITE_SQUARE,
    NAN_PAST,
    NAN_CURVATURE,
    INFINITE_DAMPING,
    NAN_KAPPA,
    /** The solution is beyond the floats. */
    OVERFLOW
  }

  private CoefficientsCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(CoefficientsCase::new).toList();
  }

  @Override
  public String name() {
    return "coefficients/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<Size> sizes() {
    return switch (kind) {
      case ORDINARY -> sizes(1, 2, 3, 8, 12, 31, 32, 33, 40, 129, 256);
      case DEAD_LAYER, TWINS -> sizes(3, 12, 37);
      case INDEFINITE -> sizes(1, 2, 12, 37);
      default -> sizes(3, 37);
    };
  }

  private static List<Size> sizes(int... layers) {
    return Arrays.stream(layers).mapToObj(L -> Size.of("L", L)).toList();
  }

  @Override
  public Work work(Size size) {
    double L = size.get("L");
    return new Work(L * L * L / 3 + 8 * L * L, 4 * (L * (L + 1) / 2 + 4 * L));
  }

  @Override
  public void run(Trial trial) {
    int L = trial.size("L");
    CoefficientsSystem system = CoefficientsSystem.random(trial, L, LAMBDA, ETA, KAPPA);
    spoil(system, L / 2);
    Matrix C = trial.input(system.C());
    Matrix measures = trial.input(new Host(1, 3 * L, system.measures()));
    Matrix scalars = trial.input(Host.row(system.lambda(), system.kappa()));
    int doubles = Coefficients.scratchDoubles(L);
    long scratch = doubles == 0 ? 0 : trial.ints(new int[2 * doubles]).pointer();
    Matrix x = trial.output(1, L);
    Matrix common = trial.output(1, 2);
    Buffer failed = trial.ints(77);
    Coefficients coefficients = new Coefficients(trial.device());
    Coefficients.Model model = new Coefficients.Model(C, measures.pointer(), scratch);
    trial.launch(
        s ->
            coefficients.solve(
                s,
                model,
                scalars.pointer(),
                system.eta(),
                scalars.pointer() + 4,
                x.pointer(),
                common.pointer(),
                failed.pointer()));
    int wanted = failed(L);
    trial.checkInts("the failed column", failed, wanted);
    Host got = trial.download(x);
    if (wanted != 0 || kind == Kind.STATIONARY || kind == Kind.UNDERFLOW) {
      trial.check("x", got, (i, l) -> Wanted.exactly(0));
      trial.check("predicted and a", common, (i, j) -> Wanted.exactly(0));
      return;
    }
    trial.check("the residual", system.residual(got), (i, l) -> system.bound(got, l));
    trial.check("predicted and a", common, (i, j) -> system.common(got, j));
    if (kind == Kind.DEAD_LAYER) {
      trial.check("x of the dead layer", Host.row(got.get(0, L / 2)), (i, l) -> Wanted.exactly(0));
    }
  }

  private int failed(int L) {
    return switch (kind) {
      case ORDINARY, TWINS, DEAD_LAYER, STATIONARY, UNDERFLOW, CANCELLING -> 0;
      case UNBOUNDED -> 1;
      case INDEFINITE, SADDLE -> L / 2 + 1;
      default -> -1;
    };
  }

  private void spoil(CoefficientsSystem system, int k) {
    int L = system.L();
    switch (kind) {
      case ORDINARY -> {}
      case TWINS -> system.copy(0, L - 1);
      case DEAD_LAYER -> system.clear(k);
      case STATIONARY -> clearAll(system, 0);
      case UNDERFLOW -> clearAll(system, 1e-39f);
      case CANCELLING -> {
        for (int l = 0; l < L; l++) {
          system.measures()[l] = l == 0 ? 1 : l == L - 1 ? -1 : 0;
        }
      }
      case UNBOUNDED -> {
        clearAll(system, -1e-30f);
        system.undamp();
      }
      case INDEFINITE -> system.C().set(k, k, -1e6f);
      case SADDLE -> {
        for (int l = 0; l < L; l++) {
          system.measures()[2 * L + l] = -1;
        }
        system.C().set(k, 0, (float) (10 * Math.sqrt(system.A(k, k) * system.A(0, 0))));
      }
      case NAN_SLOPE -> system.measures()[k] = Float.NaN;
      case INFINITE_SQUARE -> system.measures()[L + k] = Float.POSITIVE_INFINITY;
      case NAN_PAST -> system.measures()[2 * L + k] = Float.NaN;
      case NAN_CURVATURE -> system.C().set(L - 1, k, Float.NaN);
      case INFINITE_DAMPING -> system.setLambda(Float.POSITIVE_INFINITY);
      case NAN_KAPPA -> system.setKappa(Float.NaN);
      case OVERFLOW -> {
        clearAll(system, 1e30f);
        for (int l = 0; l < L; l++) {
          system.C().set(l, l, 1e-30f);
        }
      }
    }
  }

  private static void clearAll(CoefficientsSystem system, float slope) {
    for (int l = 0; l < system.L(); l++) {
      system.clear(l);
      system.measures()[l] = slope;
    }
  }
}
