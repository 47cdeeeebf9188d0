package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Loss.Kind;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.kernel.argument.LossMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What the kernels of the losses compute for one datapoint at a time; here that of {@code loss.cu}:
 * values, gradients, means.
 */
abstract class LossCase extends KernelCase {
  final Kind kind;
  private final String operation;

  /**
   * @param operation kernel and what it does: "loss/mean"
   */
  LossCase(String operation, Kind kind) {
    this.operation = operation;
    this.kind = kind;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      cases.add(new Evaluate(kind, false));
      cases.add(new Evaluate(kind, true));
      cases.add(new WithMean(kind));
      cases.add(new Mean(kind));
      cases.add(new NonFinite(kind));
    }
    cases.addAll(SampledGradientCase.all());
    return cases;
  }

  @Override
  public final String name() {
    return operation + "-" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return LossInputs.SIZES;
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("N") * size.get("d");
    return new Work(20 * elements, bytesOfElement() * elements);
  }

  /** Least bytes an element that the launches of the case read and write. */
  double bytesOfElement() {
    return 12;
  }

  /** Value and gradient, the gradient in a matrix of its own or over the targets. */
  private static final class Evaluate extends LossCase {
    private final boolean inPlace;

    Evaluate(Kind kind, boolean inPlace) {
      super(inPlace ? "loss/evaluate-in-place" : "loss/evaluate", kind);
      this.inPlace = inPlace;
    }

    /** h and t twice, the gradient once. */
    @Override
    double bytesOfElement() {
      return 20;
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      int d = trial.size("d");
      Host h = LossInputs.logits(trial, rows, d);
      Host t = LossInputs.targets(trial, kind, h);
      Matrix logits = trial.input(h);
      Matrix targets = inPlace ? trial.inOut(t) : trial.input(t);
      Matrix gradient = inPlace ? targets : trial.output(rows, d);
      Matrix values = trial.output(1, rows);
      Matrix valuesAlone = trial.output(1, rows);
      Loss loss = new Loss(trial.device());
      trial.launch(
          s -> {
            loss.evaluate(s, kind, logits, targets, null, valuesAlone.pointer());
            loss.evaluate(s, kind, logits, targets, gradient, values.pointer());
          });
      trial.check("loss", values, (i, n) -> new LossReference(kind, h, n).value(t, n));
      Host together = trial.download(values);
      trial.check(
          "loss without gradient", valuesAlone, (i, n) -> Wanted.exactly(together.at(0, n)));
      LossReference[] reference = references(kind, h);
      trial.check("gradient", gradient, (n, j) -> reference[n].gradient(j, t.at(n, j)));
    }
  }

  /** Values with their mean, which is Reduce's, and the beginning of an update; one counter. */
  private static final class WithMean extends LossCase {
    WithMean(Kind kind) {
      super("loss/evaluate-mean", kind);
    }

    /** h and t twice, the gradient once. */
    @Override
    double bytesOfElement() {
      return 20;
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      Host h = LossInputs.logits(trial, rows, trial.size("d"));
      Matrix logits = trial.input(h);
      Matrix targets = trial.input(LossInputs.targets(trial, kind, h));
      Matrix gradient = trial.output(rows, trial.size("d"));
      Matrix values = trial.output(2, rows);
      Matrix means = trial.output(1, 3);
      long arrived = trial.ints(0).pointer();
      int[] slots = new int[Control.SLOTS];
      slots[Control.LAMBDA] = Float.floatToRawIntBits(0.75f);
      slots[Control.APPLIED] = 3;
      Buffer layers = trial.ints(slots);
      Buffer single = trial.ints(slots);
      Loss loss = new Loss(trial.device());
      trial.launch(
          s -> {
            long first = means.pointer();
            Beginning one = new Beginning(single.pointer(), 0.25f, true, Beginning.NO_AVERAGE);
            LossMean mean = new LossMean(arrived, first, one);
            loss.evaluate(s, kind, logits, targets, null, values.pointer(), mean);
            Beginning many = new Beginning(layers.pointer(), 0.25f, true, 0.5f);
            mean = new LossMean(arrived, first + 4, many);
            long again = values.rows(1, 1).pointer();
            loss.evaluate(s, kind, logits, targets, gradient, again, mean);
            new Reduce(trial.device()).sum(s, again, rows, 1f / rows, first + 8);
          });
      Host got = trial.download(values);
      trial.check("values", got, (i, n) -> Wanted.exactly(got.at(1, n)));
      Host mean = trial.download(means);
      trial.check("means", mean, (i, k) -> Wanted.exactly(mean.at(0, 2)));
      slots[Control.STEP] = 1;
      slots[Control.GAMMA] = Float.floatToRawIntBits(1);
      trial.checkInts("the beginning, one step", single, slots);
      slots[Control.GRADIENT_DECAY] = Float.floatToRawIntBits(0.5f);
      trial.checkInts("the beginning, a step a layer", layers, slots);
    }
  }

  /** Mean of the model's distribution. */
  private static final class Mean extends LossCase {
    Mean(Kind kind) {
      super("loss/mean", kind);
    }

    /** h and P, twice. */
    @Override
    double bytesOfElement() {
      return 16;
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      int d = trial.size("d");
      Host h = LossInputs.logits(trial, rows, d);
      Matrix logits = trial.input(h);
      Matrix P = trial.output(rows, d);
      Matrix inPlace = trial.inOut(h);
      Loss loss = new Loss(trial.device());
      trial.launch(
          s -> {
            loss.probabilities(s, kind, logits, P);
            loss.probabilities(s, kind, inPlace, inPlace);
          });
      LossReference[] reference = references(kind, h);
      trial.check(
          "mean",
          P,
          (n, j) ->
              Wanted.within(
                  reference[n].mean(j),
                  reference[n].meanFactor(j),
                  Math.abs(reference[n].mean(j))));
      Host apart = trial.download(P);
      trial.check("in place", inPlace, (n, j) -> Wanted.exactly(apart.at(n, j)));
    }
  }

  /**
   * One NaN or infinity among the logits or targets makes the loss of its datapoint, and no other,
   * non-finite.
   */
  private static final class NonFinite extends LossCase {
    private static final float[] BAD = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
    };

    NonFinite(Kind kind) {
      super("loss/non-finite", kind);
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 24, "d", 1), Size.of("N", 24, "d", 37), Size.of("N", 24, "d", 4099));
    }

    /** h and t, then h and the drawn gradient. */
    @Override
    double bytesOfElement() {
      return 16;
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      int d = trial.size("d");
      Host h = trial.random(rows, d);
      Host t = LossInputs.targets(trial, kind, h);
      for (int n = 0; n < rows; n += 2) {
        Host where = n % 4 == 0 ? h : t;
        where.set(n, trial.random().nextInt(d), BAD[n / 2 % BAD.length]);
      }
      Matrix logits = trial.input(h);
      Matrix targets = trial.input(t);
      Matrix values = trial.output(1, rows);
      Matrix sampled = trial.output(rows, d);
      Buffer step = trial.ints(1);
      Loss loss = new Loss(trial.device());
      trial.launch(
          s -> {
            loss.evaluate(s, kind, logits, targets, null, values.pointer());
            loss.sampledGradient(s, kind, logits, 1, step.pointer(), sampled);
          });
      Host got = trial.download(values);
      Host finite = Host.of(1, rows, (i, n) -> Float.isFinite(got.get(0, n)) ? 1 : 0);
      trial.check("finite?", finite, (i, n) -> Wanted.exactly(n % 2));
      // an infinite logit of a bit is a certain draw, whose gradient is 0; a NaN must come through,
      // and of softmax, where two such draws would contradict each other, infinity too
      Host gradient = trial.download(sampled);
      Host marked = Host.of(1, rows, (i, n) -> allFinite(gradient, n) ? 1 : 0);
      trial.check(
          "NaN in the sampled gradient",
          marked,
          (i, n) -> mustShow(h, n) ? Wanted.exactly(0) : any());
    }

    private static Wanted any() {
      return new Wanted(0, 1);
    }

    private boolean mustShow(Host logits, int row) {
      return IntStream.range(0, logits.columns())
          .mapToObj(j -> logits.get(row, j))
          .anyMatch(x -> x.isNaN() || (kind == Kind.SOFTMAX && x == Float.POSITIVE_INFINITY));
    }

    private static boolean allFinite(Host matrix, int row) {
      return IntStream.range(0, matrix.columns()).allMatch(j -> Float.isFinite(matrix.get(row, j)));
    }
  }

  static LossReference[] references(Kind kind, Host h) {
    LossReference[] reference = new LossReference[h.rows()];
    for (int n = 0; n < h.rows(); n++) {
      reference[n] = new LossReference(kind, h, n);
    }
    return reference;
  }
}
