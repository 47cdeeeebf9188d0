package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.im2col;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A small convolutional network for digits of 28 by 28: two convolutions that halve the sides, and
 * two dense layers, each with a bias. A convolution is a linear layer over its patches, so that the
 * patches are there for the factors, too.
 */
final class ConvNet implements Model {
  private static final int KERNEL = 5;
  private static final int STRIDE = 2;
  private static final int PADDING = 2;
  private static final int SIDE = 28;

  private final int channels;
  private final Layer first;
  private final Layer second;
  private final Layer hidden;
  private final Layer last;

  ConvNet(int channels, int units, long seed) {
    torch.manual_seed(seed);
    this.channels = channels;
    int patch = KERNEL * KERNEL;
    first = layer("first convolution", channels, patch);
    second = layer("second convolution", 2 * channels, channels * patch);
    hidden = layer("hidden", units, 2 * channels * SIDE / 4 * SIDE / 4);
    last = layer("last", 10, units);
  }

  private static Layer layer(String name, long units, long inputs) {
    Tensor W = randn(units, inputs).mul_(new Scalar(Math.sqrt(2.0 / inputs)));
    TensorVector parts = new TensorVector(W, zeros(units, 1));
    return new Layer(name, Layer.Kind.DENSE_WITH_BIAS, torch.cat(parts, 1));
  }

  @Override
  public List<Layer> layers() {
    return List.of(first, second, hidden, last);
  }

  @Override
  public int positions(Layer layer, Tensor batch) {
    return layer == first ? SIDE * SIDE / 4 : layer == second ? SIDE * SIDE / 16 : 1;
  }

  @Override
  public boolean lossAtEachPosition() {
    return false;
  }

  /**
   * @param batch images {@code [N][784]}
   * @return logits {@code [N][10]}
   */
  @Override
  public Tensor forward(Tensor batch, Tape tape) {
    long N = batch.size(0);
    Tensor x = batch.view(N, 1, SIDE, SIDE);
    Tensor y = relu(convolve(first, x, tape));
    y = y.view(N, SIDE / 2, SIDE / 2, channels).permute(0, 3, 1, 2);
    Tensor z = relu(convolve(second, y, tape));
    return last.apply(relu(hidden.apply(z.reshape(N, -1), tape)), tape);
  }

  /** Images {@code [N][channels][side][side]} to rows {@code [N positions][units]}. */
  private static Tensor convolve(Layer layer, Tensor images, Tape tape) {
    long[] kernel = {KERNEL, KERNEL};
    long[] padding = {PADDING, PADDING};
    Tensor columns = im2col(images, kernel, new long[] {1, 1}, padding, STRIDE, STRIDE);
    // [N][patch][positions], of which each position is to be a row
    Tensor patches = columns.transpose(1, 2).reshape(-1, columns.size(1));
    return layer.apply(patches, tape);
  }
}
