package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.softmax;

import java.util.List;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The step along a direction that is lowest in the quadratic model of the loss: α = −⟨D, g⟩ / (Dᵀ C
 * D + λ ‖D‖²), with the exact Gauss-Newton of a part of the batch, C = E[Jᵀ H J].
 *
 * <p>J D is the difference of two forward passes, (f(W + ε D) − f(W)) / ε, of which the trainer has
 * made the second one. Forward-mode derivatives are exact, but through LibTorch's Java bindings
 * they cannot be reached, and its fused attention on the CPU has no second derivative, by which two
 * backward passes would give them.
 *
 * <p>The pass over the part runs on few threads, one as a rule: it is so small that the threads of
 * a product wait for each other longer than they work.
 */
final class StepLength {
  /** ε ‖D‖ over ‖W‖: near the square root of floats' ε, where truncation and rounding meet. */
  private static final double RELATIVE = 1e-3;

  private static final int ROWS = 256;

  private final Model model;
  private final double lambda;
  private final int threads;

  /**
   * @param threads of LibTorch for the pass over the part
   */
  StepLength(Model model, double lambda, int threads) {
    this.model = model;
    this.lambda = lambda;
    this.threads = threads;
  }

  /**
   * @param D of every layer
   * @param batch inputs of the trainer's pass
   * @param logits of that pass {@code [rows][classes]}, with the weights as they are
   * @return α, along the gradients of the last backward pass
   */
  double along(List<Tensor> D, Tensor batch, Tensor logits) {
    double slope = 0;
    double norm2 = 0;
    for (int l = 0; l < D.size(); l++) {
      Tensor d = D.get(l).flatten();
      slope += d.dot(model.layers().get(l).weight().grad().flatten()).item_double();
      norm2 += d.dot(d).item_double();
    }
    Tensor part = part(batch);
    Tensor before = logits.narrow(0, 0, logits.size(0) / batch.size(0) * part.size(0));
    return -slope / (curvature(D, part, before) + lambda * norm2);
  }

  /** A sixteenth of the batch, but so much that the loss has 256 terms. */
  Tensor part(Tensor batch) {
    long N = batch.size(0);
    long terms = model.lossAtEachPosition() ? batch.size(1) : 1;
    return batch.narrow(0, 0, Math.min(N, Math.max((N + 15) / 16, (ROWS + terms - 1) / terms)));
  }

  /** Dᵀ C D = E[vᵀ (diag p − p pᵀ) v], v = J D. */
  double curvature(List<Tensor> D, Tensor batch, Tensor logits) {
    Tensor p = softmax(logits, 1);
    Tensor v = derivative(D, batch, logits);
    Tensor mean = p.mul(v).sum(1);
    Tensor square = p.mul(v).mul(v).sum(1);
    return square.sub(mean.mul(mean)).mean().item_double();
  }

  private Tensor derivative(List<Tensor> D, Tensor batch, Tensor logits) {
    double epsilon =
        RELATIVE * Math.sqrt(norm2(model.layers().stream().map(Layer::weight).toList()) / norm2(D));
    for (int l = 0; l < D.size(); l++) {
      model.layers().get(l).shift(D.get(l), epsilon);
    }
    int before = torch.get_num_threads();
    useThreads(threads);
    try {
      return model.forward(batch, Tape.OFF).sub(logits).div(new Scalar(epsilon));
    } finally {
      useThreads(before);
      model.layers().forEach(Layer::restore);
    }
  }

  /** LibTorch's loops and OpenBLAS, on which its products run, count their threads apart. */
  private static void useThreads(int count) {
    torch.set_num_threads(count);
    openblas_nolapack.blas_set_num_threads(count);
  }

  private static double norm2(List<Tensor> tensors) {
    double sum = 0;
    for (Tensor tensor : tensors) {
      sum += tensor.flatten().dot(tensor.flatten()).item_double();
    }
    return sum;
  }
}
