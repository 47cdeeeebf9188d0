package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Going;
import java.util.function.IntToDoubleFunction;

/** The kernel, and the vectors that most operations have. */
final class ConjugateSetting {
  static final float MU = 0.3f;

  final Trial t;
  final int n;
  final Conjugate kernel;
  final Doubles r;
  final Doubles p;
  final Doubles q;
  final long damping;

  ConjugateSetting(Trial t, Arena arena) {
    this.t = t;
    n = t.size("n");
    kernel = new Conjugate(t.device(), arena);
    r = Doubles.random(t, n);
    p = Doubles.random(t, n);
    q = Doubles.random(t, n);
    damping = t.input(Host.row(MU)).pointer();
    kernel.start(t.device().stream(), 0, 0, 0);
  }

  Conjugate.Dual dual(Doubles y, Doubles z, Doubles Kz, Doubles Kp) {
    return new Conjugate.Dual(
        n,
        z.pointer(),
        y.pointer(),
        r.pointer(),
        z.pointer(),
        Kz.pointer(),
        p.pointer(),
        Kp.pointer(),
        damping);
  }

  private static final int TRUST = 5;

  void set(double... state) {
    float[] words = new float[2 * state.length];
    for (int i = 0; i < state.length; i++) {
      long bits = Double.doubleToRawLongBits(state[i]);
      words[2 * i] = Float.intBitsToFloat((int) bits);
      words[2 * i + 1] = Float.intBitsToFloat((int) (bits >> 32));
    }
    Matrix.wrap(kernel.state(), 1, words.length, words.length).upload(words, t.device().stream());
  }

  private double state(int which) {
    int floats = 2 * (which + 1);
    Matrix state = Matrix.wrap(kernel.state(), 1, floats, floats);
    float[] words = state.download(t.device().stream());
    return Double.longBitsToDouble(
        Float.floatToRawIntBits(words[2 * which]) & 0xffffffffL
            | (long) Float.floatToRawIntBits(words[2 * which + 1]) << 32);
  }

  /** Compares a number of the state, a sum of n terms of so much in all. */
  void state(int which, double wanted, double terms) {
    double error = Math.abs(state(which) - wanted);
    float ratio = error == 0 ? 0 : (float) (error / ((n + 40) * Doubles.EPSILON * terms));
    t.check("state " + which + ", error over bound", Host.row(ratio), (i, j) -> new Wanted(0, 1));
  }

  /** With an inverse, with a factor, and with an inverse since the factorisation failed. */
  void start(boolean wanted) {
    Buffer ints = t.ints(wanted ? 1 : 0, 0, 7);
    for (int k = 0; k < 3; k++) {
      long info = k == 0 ? 0 : ints.pointer() + 4L * k;
      long trust = k == 0 ? 0 : t.input(Host.row(0.25f)).pointer();
      t.launch(s -> kernel.start(s, ints.pointer(), info, trust));
      state(TRUST, k == 0 ? 1 : 0.25, 0);
      ended(wanted ? 0 : Conjugate.REACHED);
      factors(wanted, k == 1);
    }
  }

  /** Where a library's calls find what they multiply by, of an iteration that was started. */
  void factors(boolean goes, boolean factor) {
    Going going = kernel.going();
    int doubles = (int) (going.go() - kernel.state()) / 8;
    for (int k = 0; k < 3; k++) {
      double wanted = k == 2 || (k == 0) == goes ? 1 : 0;
      t.check(
          "factor " + k, Host.row((float) state(doubles + k)), (i, j) -> Wanted.exactly(wanted));
    }
    Matrix floats = Matrix.wrap(going.solves(), 1, 3, 3);
    float[] got = floats.download(t.device().stream());
    double[] wanted = {goes && factor ? 1 : 0, goes && !factor ? 1 : 0, 1};
    t.check(
        "factors of solves and products",
        Host.row(got[0], got[1], got[2]),
        (i, j) -> Wanted.exactly(wanted[j]));
  }

  void ended(int wanted) {
    Matrix stop = Matrix.wrap(kernel.stop(), 1, 1, 1);
    int got = Float.floatToRawIntBits(stop.download(t.device().stream())[0]);
    t.check("the end", Host.row(got), (i, j) -> Wanted.exactly(wanted));
  }

  /** What the factors' sums of n terms may be wrong by, times the terms of an element. */
  double loose(double terms) {
    return 40 * (n + 8) * Doubles.EPSILON * terms * (n + 1);
  }

  void moved(String what, Doubles v, IntToDoubleFunction wanted, IntToDoubleFunction bound) {
    v.check(what, wanted, bound);
  }
}
