package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.grad;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/**
 * Drawn targets give the Gauss-Newton matrix on average, true ones do not. The last layer's is
 * known: G = 1/rows Σ diag p − p pᵀ.
 */
final class FisherTest {
  private static final int DRAWS = 400;
  private static final int N = 8;
  private static final int T = 16;

  @Test
  void drawnTargetsAreTheFisher() {
    Model model = trained();
    Training.Batch batch = batches().next();
    Tensor exact = exact(softmax(model.forward(batch.inputs(), Tape.OFF).detach(), 1));
    torch.manual_seed(21);
    Tensor sum = torch.zeros(exact.size(0), exact.size(0));
    for (int k = 0; k < DRAWS; k++) {
      Scoped.run(
          () -> {
            Tape tape = Tape.on();
            TensorVector C = Statistics.squareRoots(model.forward(batch.inputs(), tape), tape);
            sum.add_(gram(C.get(C.size() - 1)));
          });
    }
    double error = distance(sum.div(new Scalar((double) DRAWS)), exact);
    double empirical = distance(gram(atTrueTargets(model, batch)), exact);
    String what =
        String.format(
            "of the exact G: mean of %d draws is off by %.2g, the empirical Fisher by %.2g",
            DRAWS, error, empirical);
    System.out.println(what);
    // E ‖c cᵀ‖² ≤ 4 a row, independent: the mean of so many is within 2 / √(rows draws) · 3.
    double bound = 6 / Math.sqrt((double) N * T * DRAWS) / exact.norm().item_double();
    assertTrue(error <= bound, what + ", bound " + bound);
    assertTrue(empirical > 5 * error, what);
  }

  /** A model that has learned something, so that targets are not what it would draw. */
  private static Model trained() {
    Model model = new Transformer(GeneratedText.vocabulary(), T, 16, 2, 1, 1);
    Training.adamW(model, batches(), 30, 1e-2);
    return model;
  }

  private static TextBatches batches() {
    return new TextBatches(new GeneratedText(2_000, 3), N, T, 5);
  }

  private static Tensor exact(Tensor p) {
    double rows = p.size(0);
    return torch.diag(p.sum(0)).sub(p.t().mm(p)).div(new Scalar(rows));
  }

  private static Tensor gram(Tensor c) {
    return c.t().mm(c).div(new Scalar((double) c.size(0)));
  }

  private static Tensor atTrueTargets(Model model, Training.Batch batch) {
    Tape tape = Tape.on();
    Tensor logits = model.forward(batch.inputs(), tape);
    Tensor loss = cross_entropy_loss(logits, batch.targets(), new TensorOptional(), 2, -100, 0);
    TensorVector C = grad(new TensorVector(loss), tape.outputs());
    return C.get(C.size() - 1);
  }

  private static double distance(Tensor A, Tensor exact) {
    return A.sub(exact).norm().item_double() / exact.norm().item_double();
  }
}
