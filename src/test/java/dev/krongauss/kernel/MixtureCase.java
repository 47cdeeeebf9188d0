package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Mixture.Curvature;
import dev.krongauss.reference.ReferenceMixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code mixture.cu} computes, at ordinary and at saturated logits.
 *
 * <p>Roundings, in units of {@link Wanted#EPSILON}: a logistic function and its complement {@link
 * #GATE} of themselves (expf 2, and four operations); the log odds of r an absolute {@link
 * Datapoint#oddsError}, which is the relative error that r gets from it.
 */
abstract class MixtureCase extends KernelCase {
  private static final double GATE = 6;
  private static final long SEED = 0x1234_5678_9abc_def0L;
  private static final int STEP = 41;

  private final String operation;

  private MixtureCase(String operation) {
    this.operation = operation;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    cases.add(new Evaluate());
    cases.add(new SquareRoot(Curvature.OUTCOME));
    cases.add(new SquareRoot(Curvature.LOGIT));
    for (Curvature curvature : Curvature.values()) {
      cases.add(new Product(curvature));
    }
    cases.add(new Sampled());
    cases.add(new NonFinite());
    return cases;
  }

  @Override
  public final String name() {
    return "mixture/" + operation;
  }

  @Override
  public List<Size> sizes() {
    return List.of(Size.of("N", 1), Size.of("N", 255), Size.of("N", 256), Size.of("N", 1009));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    return new Work(60.0 * size.get("N"), 32.0 * size.get("N"));
  }

  private static Host targets(Trial trial) {
    return Host.of(trial.size("N"), 1, (i, j) -> trial.random().nextInt(2));
  }

  private static double[] row(Host matrix, int n) {
    return new double[] {matrix.at(n, 0), matrix.at(n, 1), matrix.at(n, 2)};
  }

  /** Three numbers with the error that each may have, in units of eps. */
  private record Vector(double[] value, double[] error) {
    Wanted at(int i) {
      return Wanted.within(value[i], 1, error[i]);
    }

    double dot(double[] v) {
      return value[0] * v[0] + value[1] * v[1] + value[2] * v[2];
    }

    /** Of the dot product: what comes in, and three roundings. */
    double dotError(double[] v) {
      double sum = 0;
      for (int i = 0; i < 3; i++) {
        sum += Math.abs(v[i]) * (error[i] + 3 * Math.abs(value[i]));
      }
      return sum;
    }
  }

  /** One datapoint at one target. */
  private record Datapoint(ReferenceMixture at) {
    Datapoint(double[] h, double y) {
      this(new ReferenceMixture(h, (int) y));
    }

    private double s() {
      return 2.0 * at.y() - 1;
    }

    /**
     * h₁ + ((m₂ − m₃) − (l₂ − l₃)), m = min(s h, 0), l = log(1 + e^{−|h|}): a rounding of every
     * difference, and 5 of each l ≤ log 2 (expf 2, the polynomial 3).
     */
    double oddsError() {
      double low = Math.min(s() * at.h()[1], 0) - Math.min(s() * at.h()[2], 0);
      return Math.abs(at.logOdds()) + 2 * Math.abs(low) + 10;
    }

    Vector gradient() {
      double r = GATE + oddsError();
      double[] g = at.gradient();
      double first = LossReference.sigma(at.h()[0]) * at.second();
      double second = LossReference.sigma(-at.h()[0]) * at.first();
      return new Vector(
          g,
          new double[] {
            (r + GATE + 1) * (first + second) + Math.abs(g[0]),
            (r + GATE + 2) * Math.abs(g[1]),
            (r + GATE + 2) * Math.abs(g[2])
          });
    }

    /**
     * Where p ≥ 1/2: (1 − p) / p, each a sum of two products, and log1p. Else the four logarithms
     * with three roundings of their sum, the correction, and the wrong choice of the larger where
     * the log odds are not known to be positive.
     */
    double valueError() {
      double[] h = at.h();
      double easy = (2 * (2 * GATE + 2) + 4) * at.value();
      double terms = Math.abs(h[0]) + Math.max(Math.abs(h[1]), Math.abs(h[2])) + 2;
      double hard = 3 * terms + 16 + 2 * oddsError();
      double p = at.probability();
      return p > 0.5 + 1e-5 ? easy : p < 0.5 - 1e-5 ? hard : easy + hard;
    }

    Vector root(Curvature curvature) {
      if (curvature == Curvature.OUTCOME) {
        return gradient();
      }
      Datapoint one = new Datapoint(at.h(), 1);
      Datapoint zero = new Datapoint(at.h(), 0);
      double difference = one.at.value() - zero.at.value();
      double factor =
          2 + (one.valueError() + zero.valueError() + Math.abs(difference)) / 2; // of the root
      double[] c = at.logitRoot();
      double[] error = new double[3];
      for (Datapoint side : List.of(one, zero)) {
        // at even odds rounding decides which side is taken; both give c
        boolean taken = (side == one) == (difference >= 0);
        if (taken || Math.abs(difference) < 1e-3) {
          Vector g = side.gradient();
          double root = Math.exp(-Math.abs(difference) / 2);
          for (int i = 0; i < 3; i++) {
            error[i] += root * g.error()[i] + (factor + 1) * Math.abs(c[i]);
          }
        }
      }
      return new Vector(c, error);
    }

    /** H v: two products and a difference of terms whose factors are gates, r and 1 − r. */
    Vector literal(double[] v) {
      double[] h = at.h();
      double r = at.first();
      double q = at.second();
      double[] u = {
        1, s() * LossReference.sigma(-s() * h[1]), -s() * LossReference.sigma(-s() * h[2])
      };
      double[] diagonal = {1, r, q};
      double inner = 0;
      double innerAbsolute = 0;
      for (int i = 0; i < 3; i++) {
        diagonal[i] *= LossReference.sigma(h[i]) * LossReference.sigma(-h[i]);
        inner += u[i] * v[i];
        innerAbsolute += Math.abs(u[i] * v[i]);
      }
      double[] out = new double[3];
      double[] error = new double[3];
      for (int i = 0; i < 3; i++) {
        out[i] = diagonal[i] * v[i] - r * q * inner * u[i];
        double terms =
            Math.abs(diagonal[i] * v[i]) + r * q * innerAbsolute * Math.abs(u[i]);
        error[i] = (4 * GATE + 2 * oddsError() + 10) * terms;
      }
      return new Vector(out, error);
    }

    Vector product(Curvature curvature, double[] v) {
      if (curvature == Curvature.LITERAL) {
        return literal(v);
      }
      Vector c = root(curvature);
      double inner = c.dot(v);
      double innerError = c.dotError(v);
      double[] out = new double[3];
      double[] error = new double[3];
      for (int i = 0; i < 3; i++) {
        out[i] = inner * c.value()[i];
        error[i] =
            Math.abs(inner) * c.error()[i]
                + innerError * (Math.abs(c.value()[i]) + c.error()[i] * Wanted.EPSILON)
                + Math.abs(out[i]);
      }
      return new Vector(out, error);
    }

    Wanted quadratic(Curvature curvature, double[] v) {
      if (curvature == Curvature.LITERAL) {
        Vector Hv = literal(v);
        return Wanted.within(Hv.dot(v), 1, Hv.dotError(v));
      }
      Vector c = root(curvature);
      double inner = c.dot(v);
      double error = c.dotError(v);
      return Wanted.within(
          inner * inner,
          1,
          2 * Math.abs(inner) * error + error * error * Wanted.EPSILON + inner * inner);
    }
  }

  private static final class Evaluate extends MixtureCase {
    Evaluate() {
      super("evaluate");
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = LossInputs.logits(trial, N, 3);
      Host y = targets(trial);
      Matrix logits = trial.input(h);
      Matrix targets = trial.input(y);
      Matrix gradient = trial.output(N, 3);
      Matrix inPlace = trial.inOut(h);
      Matrix values = trial.output(1, N);
      Matrix valuesAlone = trial.output(1, N);
      Mixture mixture = new Mixture(trial.device());
      trial.launch(
          s -> {
            mixture.evaluate(s, logits, targets, gradient, values.pointer());
            mixture.evaluate(s, inPlace, targets, null, valuesAlone.pointer());
            mixture.evaluate(s, inPlace, targets, inPlace, valuesAlone.pointer());
          });
      trial.check(
          "loss",
          values,
          (i, n) -> {
            Datapoint at = new Datapoint(row(h, n), y.at(n, 0));
            return Wanted.within(at.at().value(), 1, at.valueError());
          });
      trial.check(
          "gradient",
          gradient,
          (n, j) -> new Datapoint(row(h, n), y.at(n, 0)).gradient().at(j));
      Host together = trial.download(values);
      Host apart = trial.download(gradient);
      trial.check("loss alone", valuesAlone, (i, n) -> Wanted.exactly(together.at(0, n)));
      trial.check("gradient in place", inPlace, (n, j) -> Wanted.exactly(apart.at(n, j)));
    }
  }

  private static final class SquareRoot extends MixtureCase {
    private final Curvature curvature;

    SquareRoot(Curvature curvature) {
      super("square-root-" + curvature.name().toLowerCase(Locale.ROOT));
      this.curvature = curvature;
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = LossInputs.logits(trial, N, 3);
      Host y = targets(trial);
      Matrix logits = trial.input(h);
      Matrix targets = trial.input(y);
      Matrix C = trial.output(N, 3);
      Mixture mixture = new Mixture(trial.device());
      trial.launch(s -> mixture.squareRoot(s, logits, targets, curvature, C));
      trial.check(
          "C", C, (n, j) -> new Datapoint(row(h, n), y.at(n, 0)).root(curvature).at(j));
    }
  }

  private static final class Product extends MixtureCase {
    private final Curvature curvature;

    Product(Curvature curvature) {
      super("product-" + curvature.name().toLowerCase(Locale.ROOT));
      this.curvature = curvature;
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = LossInputs.logits(trial, N, 3);
      Host y = targets(trial);
      Host v = trial.random(N, 3);
      Matrix logits = trial.input(h);
      Matrix targets = trial.input(y);
      Matrix along = trial.input(v);
      Matrix product = trial.output(N, 3);
      Matrix inPlace = trial.inOut(v);
      Matrix quadratic = trial.output(1, N);
      Mixture mixture = new Mixture(trial.device());
      trial.launch(
          s -> {
            mixture.product(s, logits, targets, along, curvature, product, 0);
            mixture.product(s, logits, targets, along, curvature, null, quadratic.pointer());
            mixture.product(s, logits, targets, inPlace, curvature, inPlace, 0);
          });
      trial.check(
          "product",
          product,
          (n, j) -> new Datapoint(row(h, n), y.at(n, 0)).product(curvature, row(v, n)).at(j));
      trial.check(
          "quadratic",
          quadratic,
          (i, n) -> new Datapoint(row(h, n), y.at(n, 0)).quadratic(curvature, row(v, n)));
      Host apart = trial.download(product);
      trial.check("product in place", inPlace, (n, j) -> Wanted.exactly(apart.at(n, j)));
    }
  }

  /** Each draw is repeated on the host; where rounding may decide, both outcomes are right. */
  private static final class Sampled extends MixtureCase {
    Sampled() {
      super("sampled-gradient");
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = LossInputs.logits(trial, N, 3);
      Matrix logits = trial.input(h);
      Matrix gradient = trial.output(N, 3);
      Buffer step = trial.ints(STEP);
      Mixture mixture = new Mixture(trial.device());
      trial.launch(s -> mixture.sampledGradient(s, logits, SEED, step.pointer(), gradient));
      Host got = trial.download(gradient);
      trial.check("gradient", got, (n, j) -> drawn(row(h, n), n, row(got, n)).gradient().at(j));
    }

    private static Datapoint drawn(double[] h, int n, double[] got) {
      double p1 = new ReferenceMixture(h, 1).probability();
      double p0 = new ReferenceMixture(h, 0).probability();
      double u = PhiloxReference.uniform(0, n, STEP, PhiloxReference.TARGET, SEED);
      double less = Math.min(p0, p1);
      double slack = (2 * GATE + 4) * Wanted.EPSILON;
      int y = (u <= less) == (p1 <= p0) ? 1 : 0;
      if (Math.abs(u - less) <= slack * less || Math.abs(p1 - p0) <= 2 * slack) {
        Datapoint one = new Datapoint(h, 1);
        y = Math.abs(one.gradient().value()[1] - got[1]) <= Math.abs(got[1]) / 2 ? 1 : 0;
      }
      return new Datapoint(h, y);
    }
  }

  /** Logits that are not finite and targets that are not 0 or 1 give NaN, to their row alone. */
  private static final class NonFinite extends MixtureCase {
    private static final float[] BAD = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
    };

    NonFinite() {
      super("non-finite");
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("N", 36));
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = trial.random(N, 3);
      Host y = targets(trial);
      for (int n = 0; n < N; n += 2) {
        if (n % 4 == 0) {
          h.set(n, n / 4 % 3, BAD[n / 12]);
        } else {
          y.set(n, 0, n % 8 == 2 ? 0.5f : Float.NaN);
        }
      }
      Matrix logits = trial.input(h);
      Matrix targets = trial.input(y);
      Matrix values = trial.output(1, N);
      Matrix outcome = trial.output(N, 3);
      Matrix sampled = trial.output(N, 3);
      Buffer step = trial.ints(STEP);
      Mixture mixture = new Mixture(trial.device());
      trial.launch(
          s -> {
            mixture.evaluate(s, logits, targets, null, values.pointer());
            mixture.squareRoot(s, logits, targets, Curvature.OUTCOME, outcome);
            mixture.sampledGradient(s, logits, SEED, step.pointer(), sampled);
          });
      mark(trial, "loss", transposed(trial.download(values)), 2);
      mark(trial, "C", trial.download(outcome), 2);
      mark(trial, "sampled gradient", trial.download(sampled), 4); // it needs no target
    }

    private static Host transposed(Host row) {
      return new Host(row.columns(), 1, row.values());
    }

    private static void mark(Trial trial, String what, Host got, int every) {
      Host marked = Host.of(1, got.rows(), (i, n) -> Float.isNaN(got.get(n, 0)) ? 1 : 0);
      trial.check(what + ": NaN?", marked, (i, n) -> Wanted.exactly(n % every == 0 ? 1 : 0));
    }
  }
}
