package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.grad;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/**
 * The curvature by two forward passes is that of the Jacobian, row by row from autograd, and one of
 * them may be the trainer's.
 */
final class StepLengthTest {
  @Test
  void curvatureAlongADirection() {
    GeneratedText text = new GeneratedText(1_000, 3);
    Model model = new Transformer(GeneratedText.vocabulary(), 5, 8, 2, 2, 1);
    Tensor inputs = new TextBatches(text, 2, 5, 4).next().inputs();
    torch.manual_seed(8);
    List<Tensor> D =
        model.layers().stream().map(layer -> randn(layer.rows(), layer.columns())).toList();
    double got = Scoped.valueWithoutGrad(() -> curvature(model, D, inputs));
    double wanted = exact(model, inputs, D);
    System.out.println("curvature " + got + ", exact " + wanted);
    // ε ‖D‖ = 1e-3 ‖W‖: the second derivative takes some thousandths, rounding 6e-8 / 1e-3 less.
    assertEquals(wanted, got, 0.01 * wanted);
  }

  @Test
  void theTrainersLogitsAreAsGoodAsThoseOfAPassOfItsOwn() {
    int T = 8;
    Model model = new Transformer(GeneratedText.vocabulary(), T, 8, 2, 2, 1);
    Training.Batch batch = new TextBatches(new GeneratedText(1_000, 3), 64, T, 4).next();
    torch.manual_seed(8);
    List<Tensor> D =
        model.layers().stream().map(layer -> randn(layer.rows(), layer.columns())).toList();
    Tensor logits = Training.pass(model, batch).logits();
    int threads = torch.get_num_threads();
    StepLength length = new StepLength(model, 1e-3, 1);
    Tensor part = length.part(batch.inputs());
    assertEquals(32, part.size(0)); // 256 terms of the loss, half of the batch
    double wanted =
        Scoped.valueWithoutGrad(() -> length.along(D, part, model.forward(part, Tape.OFF)));
    double got = Scoped.valueWithoutGrad(() -> length.along(D, batch.inputs(), logits));
    // Logits of other roundings, 6e-8 beside differences of 1e-3, in a square's mean.
    assertEquals(wanted, got, 1e-3 * Math.abs(wanted));
    assertEquals(threads, torch.get_num_threads());
  }

  @Test
  void weightsAreBitForBitAsTheyWere() {
    GeneratedText text = new GeneratedText(1_000, 3);
    Model model = new Transformer(GeneratedText.vocabulary(), 5, 8, 2, 2, 1);
    Tensor inputs = new TextBatches(text, 2, 5, 4).next().inputs();
    List<Tensor> before = model.layers().stream().map(layer -> layer.weight().clone()).toList();
    Tensor logits = model.forward(inputs, Tape.OFF);
    curvature(
        model,
        model.layers().stream().map(layer -> randn(layer.rows(), layer.columns())).toList(),
        inputs);
    for (int l = 0; l < before.size(); l++) {
      assertEquals(true, before.get(l).equal(model.layers().get(l).weight()));
    }
    assertEquals(true, logits.equal(model.forward(inputs, Tape.OFF)));
  }

  private static double curvature(Model model, List<Tensor> D, Tensor inputs) {
    return new StepLength(model, 0, 1).curvature(D, inputs, model.forward(inputs, Tape.OFF));
  }

  private static double exact(Model model, Tensor inputs, List<Tensor> D) {
    Tensor logits = model.forward(inputs, Tape.OFF);
    Tensor p = softmax(logits.detach(), 1);
    double sum = 0;
    for (long row = 0; row < logits.size(0); row++) {
      double mean = 0;
      double square = 0;
      for (long k = 0; k < logits.size(1); k++) {
        double v = slope(model, logits.select(0, row).select(0, k), D);
        double pk = p.select(0, row).select(0, k).item_double();
        mean += pk * v;
        square += pk * v * v;
      }
      sum += square - mean * mean;
    }
    return sum / logits.size(0);
  }

  /** ⟨∇ y, D⟩. */
  private static double slope(Model model, Tensor y, List<Tensor> D) {
    TensorVector gradients =
        grad(
            new TensorVector(y),
            model.parameters(),
            new TensorVector(),
            new BoolOptional(true),
            false,
            false);
    double sum = 0;
    for (int l = 0; l < D.size(); l++) {
      sum += gradients.get(l).flatten().dot(D.get(l).flatten()).item_double();
    }
    return sum;
  }
}
