package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.eye;
import static org.bytedeco.pytorch.global.torch.inverse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.krongauss.device.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Directions are those of the same statistics in LibTorch's double precision. */
final class DirectionTest {
  private static final double GAMMA = 0.1;
  private static final double EPSILON = 0x1p-24;
  private static final SecondOrder.Options ONCE = new SecondOrder.Options(GAMMA, 1, 1, 0, 0, 1);

  @Test
  void ofTheTransformer() {
    GeneratedText text = new GeneratedText(5_000, 3);
    Model model = new Transformer(GeneratedText.vocabulary(), 16, 24, 4, 2, 1);
    compare(model, new TextBatches(text, 8, 16, 5).next());
  }

  @Test
  void ofTheConvolutionalNetwork() {
    torch.manual_seed(4);
    Tensor images = torch.rand(16, Digits.PIXELS);
    Tensor labels = torch.arange(new Scalar(16L)).remainder(new Scalar(10L));
    compare(new ConvNet(4, 12, 1), new Training.Batch(images, labels));
  }

  private static void compare(Model model, Training.Batch batch) {
    Training.pass(model, batch);
    try (Device device = Device.open();
        SecondOrder optimiser = new SecondOrder(device, model, ONCE)) {
      torch.manual_seed(9);
      optimiser.refresh(batch.inputs());
      optimiser.average();
      optimiser.precondition();
      // The same passes and the same draws: the same statistics.
      torch.manual_seed(9);
      Tape tape = Tape.on();
      TensorVector C = Statistics.squareRoots(model.forward(batch.inputs(), tape), tape);
      for (int k = 0; k < tape.entries().size(); k++) {
        Layer layer = tape.entries().get(k).layer();
        int index = model.layers().indexOf(layer);
        compare(model, tape.entries().get(k), C.get(k), batch, optimiser.directions().get(index));
      }
    }
  }

  private static void compare(
      Model model, Tape.Entry entry, Tensor c, Training.Batch batch, Tensor got) {
    Layer layer = entry.layer();
    int T = model.positions(layer, batch.inputs());
    long N = batch.inputs().size(0);
    double terms = model.lossAtEachPosition() ? N * T : N;
    Tensor a = activations(layer, entry.in(), N, T, c);
    Tensor b = layer.kind() == Layer.Kind.SCALE ? ofDatapoints(entry.in(), c, N, T) : wide(c);
    Tensor Q = gram(a, layer.kind() == Layer.Kind.SCALE ? N : N * T);
    Tensor G = gram(b, terms);
    double omega =
        Math.sqrt(Q.trace().item_double() / Q.size(0) / (G.trace().item_double() / G.size(0)));
    Tensor g = wide(layer.weight().grad()).reshape(layer.rows(), layer.columns());
    boolean embedding = layer.kind() == Layer.Kind.EMBEDDING;
    // An embedding's rows are looked up by its inputs: their factor stands on the left.
    Tensor left = embedding ? damped(Q, omega * GAMMA) : damped(G, GAMMA / omega);
    Tensor right = embedding ? damped(G, GAMMA / omega) : damped(Q, omega * GAMMA);
    Tensor wanted = inverse(left).mm(g).mm(inverse(right)).neg();
    double size = wanted.abs().max().item_double();
    double error = wanted.sub(wide(got)).abs().max().item_double();
    // Sums over the rows and along both solves, times the condition of each damped factor.
    double conditions =
        2 + Q.trace().item_double() / (omega * GAMMA) + G.trace().item_double() * omega / GAMMA;
    double bound = 4 * EPSILON * (N * T + layer.rows() + layer.columns()) * conditions * size;
    String what = layer.name() + ": error " + error + " of " + size + ", bound " + bound;
    System.out.println(what);
    assertTrue(error <= bound, what);
    assertTrue(error <= 1e-4 * size, what);
  }

  /** Activations of a layer in double, as rows of Q. */
  private static Tensor activations(Layer layer, Tensor in, long N, int T, Tensor c) {
    return switch (layer.kind()) {
      case DENSE -> wide(in);
      case DENSE_WITH_BIAS ->
          torch.cat(new TensorVector(wide(in), wide(torch.ones(in.size(0), 1))), 1);
      case EMBEDDING -> wide(torch.one_hot(in, layer.rows()));
      case SCALE -> wide(torch.ones(N, 1));
    };
  }

  /** A scale's gradient of each datapoint: its positions' sum. */
  private static Tensor ofDatapoints(Tensor in, Tensor c, long N, int T) {
    return wide(in).mul(wide(c)).reshape(N, T, -1).sum(1);
  }

  private static Tensor wide(Tensor tensor) {
    return tensor.detach().to(torch.ScalarType.Double);
  }

  private static Tensor gram(Tensor rows, double count) {
    return rows.t().mm(rows).div(new Scalar(count));
  }

  private static Tensor damped(Tensor A, double damping) {
    return A.add(wide(eye(A.size(0))), new Scalar(damping));
  }
}
