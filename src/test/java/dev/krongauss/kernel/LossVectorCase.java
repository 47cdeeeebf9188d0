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
    Wanted[][] wanted = new Wanted[rows][];
    Wanted[][] ofConstant = new Wanted[rows][];
    for (int n = 0; n < rows; n++) {
      wanted[n] = reference[n].curvatureVector(v, n);
      ofConstant[n] = reference[n].curvatureVector(constant, n);
    }
    trial.check("H v", product, (n, j) -> wanted[n][j]);
    trial.check("H v of a constant v", inPlace, (n, j) -> ofConstant[n][j]);
  }
}
