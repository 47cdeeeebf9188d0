package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Loss.Kind;
import java.util.Arrays;
import java.util.List;

/** H v of each datapoint, also for a v that is the same for all outputs, where softmax gives 0. */
final class LossVectorCase extends LossCase {
  private LossVectorCase(Kind kind) {
    super("curvature-vector", kind);
  }

  static List<KernelCase> all() {
    return Arrays.stream(Kind.values()).<KernelCase>map(LossVectorCase::new).toList();
  }

  /** h, v and u, twice. */
  @Override
  double bytesOfElement() {
    return 24;
  }

  @Override
  public void run(Trial trial) {
    int rows = trial.size("N");
    int d = trial.size("d");
    Host h = LossInputs.logits(trial, rows, d);
    Host v = trial.random(rows, d);
    Host constant = Host.filled(rows, d, 1000);
    Matrix logits = trial.input(h);
    Matrix direction = trial.input(v);
    Matrix product = trial.output(rows, d);
    Matrix inPlace = trial.inOut(constant);
    Loss loss = new Loss(trial.device());
    trial.launch(
        s -> {
          loss.curvatureVector(s, kind, logits, direction, product);
          loss.curvatureVector(s, kind, logits, inPlace, inPlace);
        });
    LossReference[] reference = references(kind, h);
    Wanted[] centres = new Wanted[rows];
    Wanted[] constants = new Wanted[rows];
    for (int n = 0; n < rows; n++) {
      centres[n] = centre(reference[n], v, n);
      constants[n] = centre(reference[n], constant, n);
    }
    trial.check("H v", product, (n, j) -> vector(reference[n], j, v.at(n, j), centres[n]));
    trial.check(
        "H v of a constant v", inPlace, (n, j) -> vector(reference[n], j, 1000, constants[n]));
  }

  /** Σ w v, which softmax subtracts: a product and a sum of as many terms as outputs. */
  private Wanted centre(LossReference r, Host v, int n) {
    double sum = 0;
    double error = 0;
    for (int j = 0; kind == Kind.SOFTMAX && j < v.columns(); j++) {
      double term = r.mean(j) * v.at(n, j);
      sum += term;
      error += Math.abs(term) * (r.meanFactor(j) + LossReference.sumFactor(v.columns()) + 2);
    }
    return Wanted.within(sum, 1, error);
  }

  private static Wanted vector(LossReference r, int j, double v, Wanted centre) {
    double value = r.weight(j) * (v - centre.value());
    double error = Math.abs(value) * (r.weightFactor(j) + 2);
    return new Wanted(
        value, error * Wanted.EPSILON + 2 * r.weight(j) * centre.bound() + Wanted.TINY);
  }
}
