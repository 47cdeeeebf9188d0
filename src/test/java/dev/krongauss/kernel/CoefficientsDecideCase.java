package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The decision of an update on its coefficients: κ as it follows the steps before, what is kept of
 * it, and the next refresh.
 */
final class CoefficientsDecideCase extends KernelCase {
  private static final float ETA = 1e-5f;
  private static final float KAPPA = 0.3f;
  private static final float AGREED = -0.5f;
  private static final float PROMISED = -2;
  private static final float SLOPE = -0.75f;
  private static final int EVERY = 9;
  private static final long STEP = (3L << 32) - 2;

  private final Kind kind;

  private enum Kind {
    /** Agreement within the bounds. */
    FOLLOWS,
    /** Agreement below its lower bound. */
    TOO_LONG,
    /** Before the third applied update, and no traces before. */
    FIRST,
    /** The update before was rejected; no refresh. */
    BEHIND_A_REJECTION,
    REJECTED;

    boolean follows() {
      return this != FIRST && this != BEHIND_A_REJECTION;
    }

    boolean refreshes() {
      return this != BEHIND_A_REJECTION;
    }
  }

  private CoefficientsDecideCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return Arrays.stream(Kind.values()).<KernelCase>map(CoefficientsDecideCase::new).toList();
  }

  @Override
  public String name() {
    return "coefficients/decide-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<Size> sizes() {
    return List.of(Size.of("L", 1), Size.of("L", 3), Size.of("L", 37), Size.of("L", 256));
  }

  @Override
  public Work work(Size size) {
    double L = size.get("L");
    return new Work(L * L * L / 3 + 8 * L * L, 4 * (L * (L + 1) / 2 + 12 * L));
  }

  @Override
  public void run(Trial trial) {
    int L = trial.size("L");
    CoefficientsSystem system = CoefficientsSystem.random(trial, L, 5e-3f, ETA, KAPPA);
    Host weights = trial.random(1, L, 0.5, 2);
    float[] measures = Arrays.copyOf(system.measures(), 4 * L);
    float[] before = new float[L];
    float[] products = new float[L];
    for (int l = 0; l < L; l++) {
      measures[3 * L + l] = weights.get(0, l);
      before[l] = (float) trial.random().nextDouble(0.5, 1);
      products[l] = (kind == Kind.TOO_LONG ? 18f : -1f) / L * before[l];
    }
    Host now = trial.random(1, 2 * L, 0.5, 1);
    Host old = old(now, L);
    Matrix C = trial.input(system.C());
    Matrix in = trial.input(new Host(1, 4 * L, measures));
    Matrix along = trial.input(new Host(1, L, products));
    Matrix x = trial.inOut(new Host(1, L, before));
    Matrix traces = trial.input(now);
    Matrix tracesBefore = trial.inOut(old);
    Matrix gammas = trial.input(Host.row(1));
    Buffer scalars = trial.ints(slots());
    Buffer infos = trial.ints(new int[2 * L]);
    int doubles = Coefficients.scratchDoubles(L);
    long scratch = doubles == 0 ? 0 : trial.ints(new int[2 * doubles]).pointer();
    Coefficients coefficients = new Coefficients(trial.device());
    trial.launch(
        s ->
            coefficients.decide(
                s,
                new Coefficients.Decision(
                    new Coefficients.Model(C, in.pointer(), scratch),
                    along.pointer(),
                    x.pointer(),
                    scalars.pointer(),
                    new Control.Dampings(infos.pointer(), gammas.pointer(), 1, 2 * L),
                    new Coefficients.Traces(
                        kind.refreshes() ? traces.pointer() : 0, tracesBefore.pointer()),
                    new Control.Rules(ETA, 2, 1, true, false, false, false))));
    int[] got = scalars.downloadInts(Control.SLOTS, trial.device().stream());
    Host steps = trial.download(x);
    checkSignals(trial, got, new Host(1, L, before), products, measures, steps);
    if (kind != Kind.REJECTED) {
      system.setKappa(real(got, Control.KAPPA));
      trial.check("the residual", system.residual(steps), (i, l) -> system.bound(steps, l));
    }
    checkRefresh(trial, got, now, old);
    boolean kept = kind.refreshes() && kind != Kind.REJECTED;
    trial.check("traces", tracesBefore, (i, k) -> Wanted.exactly((kept ? now : old).get(0, k)));
  }

  /** The last factor has drifted most, and down. */
  private Host old(Host now, int L) {
    return Host.of(
        1, 2 * L, (i, k) -> kind == Kind.FIRST ? 0 : now.at(0, k) * (k == 2 * L - 1 ? 1.25 : 0.95));
  }

  private int[] slots() {
    int[] slots = new int[Control.SLOTS];
    float loss = kind == Kind.REJECTED ? Float.NaN : 1;
    set(slots, Control.LOSS, loss);
    set(slots, Control.LAMBDA, 5e-3f);
    set(slots, Control.KAPPA, KAPPA);
    set(slots, Control.AGREED, AGREED);
    set(slots, Control.PROMISED, PROMISED);
    set(slots, Control.STEP_SLOPE, SLOPE);
    slots[Control.ACCEPTED] = kind == Kind.BEHIND_A_REJECTION ? 0 : 1;
    slots[Control.APPLIED] = kind == Kind.FIRST ? 2 : 3;
    slots[Control.STEP] = (int) STEP;
    slots[Control.STEP_HIGH] = (int) (STEP >>> 32);
    slots[Control.NEXT_REFRESH] = 5;
    slots[Control.REFRESH_EVERY] = EVERY;
    return slots;
  }

  private void checkSignals(
      Trial trial, int[] got, Host before, float[] products, float[] measures, Host steps) {
    int L = steps.columns();
    double agreed = 0.9 * AGREED;
    double promised = 0.9 * PROMISED + SLOPE;
    double norm2 = 0;
    double slope = 0;
    double magnitude = 0;
    for (int l = 0; l < L; l++) {
      agreed += before.at(0, l) * products[l];
      norm2 += measures[3 * L + l];
      slope += steps.at(0, l) * measures[l];
      magnitude += Math.abs(steps.at(0, l) * measures[l]);
    }
    double t = Math.max(-0.075, Math.min(agreed / promised, 0.5));
    boolean kept = kind != Kind.REJECTED;
    boolean follows = kind.follows() && kept;
    double kappa = Math.min(Math.max(KAPPA * Math.exp(-0.2 * t), 0.15), 1);
    double[] wanted = {
      norm2,
      follows ? kappa : KAPPA,
      follows ? agreed : AGREED,
      follows ? promised : PROMISED,
      kept ? slope : SLOPE
    };
    Host values =
        Host.row(
            real(got, Control.NORM2),
            real(got, Control.KAPPA),
            real(got, Control.AGREED),
            real(got, Control.PROMISED),
            real(got, Control.STEP_SLOPE));
    // Rounded once; sums in double, of which only that of the slopes may cancel.
    double sums = L * 0x1p-52 * magnitude;
    trial.check(
        "signals",
        values,
        (i, j) -> {
          double rounding = 1.001 * Wanted.EPSILON * Math.abs(wanted[j]);
          return new Wanted(wanted[j], j == 4 ? rounding + sums : rounding);
        });
    trial.check(
        "accepted", Host.row(got[Control.ACCEPTED]), (i, j) -> Wanted.exactly(kept ? 1 : 0));
  }

  private void checkRefresh(Trial trial, int[] got, Host now, Host old) {
    float drift = 0;
    for (int k = 0; k < now.columns(); k++) {
      drift = Math.max(drift, Math.abs(now.get(0, k) / old.get(0, k) - 1));
    }
    boolean measured = kind == Kind.FOLLOWS || kind == Kind.TOO_LONG;
    int every = measured ? (int) Math.rint(EVERY * 0.15f / drift) : EVERY;
    long next = kind.refreshes() ? STEP + every : STEP >>> 32 << 32 | 5;
    int high = kind.refreshes() ? (int) (next >>> 32) : 0;
    Host refresh =
        Host.row(
            got[Control.REFRESH_EVERY], got[Control.NEXT_REFRESH], got[Control.NEXT_REFRESH_HIGH]);
    Host wanted = Host.row(every, (int) next, high);
    trial.check("refresh", refresh, (i, j) -> Wanted.exactly(wanted.get(0, j)));
  }

  private static void set(int[] slots, int slot, float value) {
    slots[slot] = Float.floatToRawIntBits(value);
  }

  private static float real(int[] slots, int slot) {
    return Float.intBitsToFloat(slots[slot]);
  }
}
