package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Mixture.Curvature;
import dev.krongauss.reference.ReferenceMixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code mixture.cu} computes, at ordinary and at saturated logits. */
abstract class MixtureCase extends KernelCase {
  private static final long SEED = 0x1234_5678_9abc_def0L;
  private static final int STEP = 41;

  private final String operation;
  private final int bytes;

  /**
   * @param bytes that the launches of the case read and write for each datapoint
   */
  private MixtureCase(String operation, int bytes) {
    this.operation = operation;
    this.bytes = bytes;
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
    return new Work(60.0 * size.get("N"), (double) bytes * size.get("N"));
  }

  private static Host targets(Trial trial) {
    return Host.of(trial.size("N"), 1, (i, j) -> trial.random().nextInt(2));
  }

  private static double[] row(Host matrix, int n) {
    return new double[] {matrix.at(n, 0), matrix.at(n, 1), matrix.at(n, 2)};
  }

  private static final class Evaluate extends MixtureCase {
    Evaluate() {
      super("evaluate", 84); // with a gradient twice, once without
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = LossInputs.mixtures(trial, N);
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
            MixtureReference at = new MixtureReference(row(h, n), y.at(n, 0));
            return Wanted.within(at.value(), 1, at.valueError());
          });
      trial.check(
          "gradient",
          gradient,
          (n, j) -> new MixtureReference(row(h, n), y.at(n, 0)).gradient().at(j));
      Host together = trial.download(values);
      Host apart = trial.download(gradient);
      trial.check("loss alone", valuesAlone, (i, n) -> Wanted.exactly(together.at(0, n)));
      trial.check("gradient in place", inPlace, (n, j) -> Wanted.exactly(apart.at(n, j)));
    }
  }

  private static final class SquareRoot extends MixtureCase {
    private final Curvature curvature;

    SquareRoot(Curvature curvature) {
      super(
          "square-root-" + curvature.name().toLowerCase(Locale.ROOT),
          curvature == Curvature.LOGIT ? 24 : 28);
      this.curvature = curvature;
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = LossInputs.mixtures(trial, N);
      Host y = targets(trial);
      Matrix logits = trial.input(h);
      Matrix targets = trial.input(y);
      Matrix C = trial.output(N, 3);
      Mixture mixture = new Mixture(trial.device());
      trial.launch(s -> mixture.squareRoot(s, logits, targets, curvature, C));
      trial.check(
          "C", C, (n, j) -> new MixtureReference(row(h, n), y.at(n, 0)).root(curvature).at(j));
    }
  }

  private static final class Product extends MixtureCase {
    private final Curvature curvature;

    Product(Curvature curvature) {
      super(
          "product-" + curvature.name().toLowerCase(Locale.ROOT),
          curvature == Curvature.LOGIT ? 100 : 112); // three launches
      this.curvature = curvature;
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = LossInputs.mixtures(trial, N);
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
          (n, j) ->
              new MixtureReference(row(h, n), y.at(n, 0)).product(curvature, row(v, n)).at(j));
      trial.check(
          "quadratic",
          quadratic,
          (i, n) -> new MixtureReference(row(h, n), y.at(n, 0)).quadratic(curvature, row(v, n)));
      Host apart = trial.download(product);
      trial.check("product in place", inPlace, (n, j) -> Wanted.exactly(apart.at(n, j)));
    }
  }

  /** Each draw is repeated on the host; where rounding may decide, both outcomes are right. */
  private static final class Sampled extends MixtureCase {
    Sampled() {
      super("sampled-gradient", 24);
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host h = LossInputs.mixtures(trial, N);
      Matrix logits = trial.input(h);
      Matrix gradient = trial.output(N, 3);
      Buffer step = trial.ints(STEP);
      Mixture mixture = new Mixture(trial.device());
      trial.launch(s -> mixture.sampledGradient(s, logits, SEED, step.pointer(), gradient));
      Host got = trial.download(gradient);
      trial.check("gradient", got, (n, j) -> drawn(row(h, n), n, row(got, n)).gradient().at(j));
    }

    private static MixtureReference drawn(double[] h, int n, double[] got) {
      double p1 = new ReferenceMixture(h, 1).probability();
      double p0 = new ReferenceMixture(h, 0).probability();
      double u = PhiloxReference.uniform(0, n, STEP, PhiloxReference.TARGET, SEED);
      double less = Math.min(p0, p1);
      double slack = (2 * MixtureReference.GATE + 4) * Wanted.EPSILON;
      int y = (u <= less) == (p1 <= p0) ? 1 : 0;
      if (Math.abs(u - less) <= slack * less || Math.abs(p1 - p0) <= 2 * slack) {
        MixtureReference one = new MixtureReference(h, 1);
        y = Math.abs(one.gradient().value()[1] - got[1]) <= Math.abs(got[1]) / 2 ? 1 : 0;
      }
      return new MixtureReference(h, y);
    }
  }

  /** Logits that are not finite and targets that are not 0 or 1 give NaN, to their row alone. */
  private static final class NonFinite extends MixtureCase {
    private static final float[] BAD = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
    };

    NonFinite() {
      super("non-finite", 72);
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
