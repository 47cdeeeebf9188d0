package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.grad;
import static org.bytedeco.pytorch.global.torch.multinomial;
import static org.bytedeco.pytorch.global.torch.softmax;

import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.precondition.Positions;
import dev.krongauss.precondition.Preconditioner;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The factors of a batch, by a forward and a backward pass of their own: K-FAC's, with targets that
 * are drawn from the model. Gradients at the true targets would be the empirical Fisher, which is
 * no curvature of the loss and shrinks as the loss does; they would save this pass.
 */
final class Statistics {
  private static final int SUM = 2;
  private static final int IGNORED = -100;

  private final Device device;
  private final Model model;
  private final Preconditioner preconditioner;

  Statistics(Device device, Model model, Preconditioner preconditioner) {
    this.device = device;
    this.model = model;
    this.preconditioner = preconditioner;
  }

  /**
   * Enters a batch into the factors, and waits.
   *
   * @param batch inputs, N datapoints; none of them need targets
   */
  void enter(Tensor batch, Stream stream) {
    Tape tape = Tape.on();
    Tensor logits = model.forward(batch, tape);
    TensorVector C = squareRoots(logits, tape);
    try (Views views = new Views(device)) {
      List<Tensor> held = new ArrayList<>();
      for (int k = 0; k < tape.entries().size(); k++) {
        // A gradient behind a view or a permutation may come transposed; as a rule this is a no-op.
        Tensor c = C.get(k).contiguous();
        held.add(c);
        enter(tape.entries().get(k), c, batch, views, held, stream);
      }
      stream.synchronize(); // what is held and registered is let go here
    }
  }

  /**
   * Per position the gradient of its datapoint's loss at drawn targets, for each pre-activation:
   * the loss is summed, not averaged, so that no row is divided by how many there are.
   */
  static TensorVector squareRoots(Tensor logits, Tape tape) {
    Tensor drawn = multinomial(softmax(logits.detach(), 1), 1).squeeze(1);
    Tensor loss = cross_entropy_loss(logits, drawn, new TensorOptional(), SUM, IGNORED, 0);
    return grad(new TensorVector(loss), tape.outputs());
  }

  private void enter(
      Tape.Entry entry, Tensor c, Tensor batch, Views views, List<Tensor> held, Stream stream) {
    Layer layer = entry.layer();
    int index = model.layers().indexOf(layer);
    int N = Math.toIntExact(batch.size(0));
    Positions positions = Positions.of(N, model.positions(layer, batch));
    if (!model.lossAtEachPosition()) {
      positions = positions.summed();
    }
    Tensor in = layer.kind() == Layer.Kind.EMBEDDING ? ints(entry.in()) : entry.in().detach();
    held.add(in);
    switch (layer.kind()) {
      case DENSE, DENSE_WITH_BIAS ->
          preconditioner
              .positions()
              .accumulate(index, views.matrix(in), views.matrix(c), positions, stream);
      case EMBEDDING ->
          preconditioner
              .positions()
              .embedding(index, views.ints(in), views.matrix(c), positions, stream);
      case SCALE ->
          preconditioner
              .positions()
              .scale(index, views.matrix(in), views.matrix(c), positions, stream);
    }
  }

  private static Tensor ints(Tensor indices) {
    return indices.to(torch.ScalarType.Int);
  }
}
