package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.rms_norm;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/**
 * One tensor of parameters and what it does. It shows a {@link Tape} what entered and what came
 * out, which is all that second-order statistics need.
 */
final class Layer {
  /** What the parameters do. */
  enum Kind {
    /** {@code [out][in]}, no bias. */
    DENSE,
    /** {@code [out][in + 1]}, the bias as its last column. */
    DENSE_WITH_BIAS,
    /** A table {@code [rows][d]}. */
    EMBEDDING,
    /** {@code [d]}, behind an RMS normalisation. */
    SCALE
  }

  private final String name;
  private final Kind kind;
  private final Tensor weight;
  private Tensor used;

  Layer(String name, Kind kind, Tensor weight) {
    this.name = name;
    this.kind = kind;
    this.weight = weight.set_requires_grad(true);
    // Gradients have one place for good: accumulated there, and set to zero, not dropped.
    weight.mutable_grad().put(weight.detach().mul(new Scalar(0f)));
    used = weight;
  }

  String name() {
    return name;
  }

  Kind kind() {
    return kind;
  }

  /** The leaf that LibTorch trains. */
  Tensor weight() {
    return weight;
  }

  int rows() {
    return Math.toIntExact(weight.size(0));
  }

  int columns() {
    return kind == Kind.SCALE ? 1 : Math.toIntExact(weight.size(1));
  }

  /** Computes with W + epsilon D until {@link #restore}; the weights stay as they are. */
  void shift(Tensor D, double epsilon) {
    used = weight.add(D.view_as(weight), new Scalar(epsilon));
  }

  void restore() {
    used = weight;
  }

  /** Rows {@code [N T][in]} to pre-activations {@code [N T][out]}. */
  Tensor apply(Tensor x, Tape tape) {
    long in = x.size(1);
    Tensor h =
        kind == Kind.DENSE
            ? linear(x, used)
            : linear(x, used.narrow(1, 0, in), new TensorOptional(used.select(1, in)));
    return tape.record(this, x, h);
  }

  /** Indices {@code [N T]} to rows of the table. */
  Tensor lookUp(Tensor indices, Tape tape) {
    return tape.record(this, indices, embedding(used, indices));
  }

  /** Rows {@code [N T][d]}, normalised and scaled. */
  Tensor normalise(Tensor x, Tape tape) {
    long[] d = {weight.size(0)};
    if (!tape.records()) {
      return rms_norm(x, d, new TensorOptional(used), new DoubleOptional());
    }
    Tensor normalised = rms_norm(x, d, new TensorOptional(), new DoubleOptional());
    return tape.record(this, normalised, normalised.mul(used));
  }
}
