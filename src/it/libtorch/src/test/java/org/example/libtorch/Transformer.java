package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A language model: embeddings of tokens and positions, blocks of causal attention and of a
 * two-layer network, each behind an RMS normalisation, and a head that is not tied to the
 * embedding. Linear layers have no bias.
 */
final class Transformer implements Model {
  private record Block(
      Layer attentionScale, Layer qkv, Layer out, Layer networkScale, Layer up, Layer down) {}

  private final int d;
  private final int heads;
  private final List<Layer> layers = new ArrayList<>();
  private final List<Block> blocks = new ArrayList<>();
  private final Layer tokens;
  private final Layer places;
  private final Layer lastScale;
  private final Layer head;

  Transformer(int vocabulary, int context, int d, int heads, int depth, long seed) {
    torch.manual_seed(seed);
    this.d = d;
    this.heads = heads;
    tokens = add("tokens", Layer.Kind.EMBEDDING, normal(0.5, vocabulary, d));
    places = add("places", Layer.Kind.EMBEDDING, normal(0.5, context, d));
    for (int b = 0; b < depth; b++) {
      blocks.add(block("block " + b + " "));
    }
    lastScale = add("last scale", Layer.Kind.SCALE, ones(d));
    head = add("head", Layer.Kind.DENSE, normal(0.5 / Math.sqrt(d), vocabulary, d));
  }

  private Block block(String name) {
    double unit = 1 / Math.sqrt(d);
    return new Block(
        add(name + "attention scale", Layer.Kind.SCALE, ones(d)),
        add(name + "qkv", Layer.Kind.DENSE, normal(unit, 3 * d, d)),
        add(name + "out", Layer.Kind.DENSE, normal(unit / 2, d, d)),
        add(name + "network scale", Layer.Kind.SCALE, ones(d)),
        add(name + "up", Layer.Kind.DENSE, normal(unit, 4 * d, d)),
        add(name + "down", Layer.Kind.DENSE, normal(unit / 4, d, 4 * d)));
  }

  private Layer add(String name, Layer.Kind kind, Tensor weight) {
    layers.add(new Layer(name, kind, weight));
    return layers.get(layers.size() - 1);
  }

  private static Tensor normal(double deviation, long rows, long columns) {
    return randn(rows, columns).mul_(new Scalar(deviation));
  }

  @Override
  public List<Layer> layers() {
    return layers;
  }

  @Override
  public int positions(Layer layer, Tensor batch) {
    return Math.toIntExact(batch.size(1));
  }

  @Override
  public boolean lossAtEachPosition() {
    return true;
  }

  /**
   * @param batch tokens {@code [N][T]}, int64
   * @return logits of the next token {@code [N T][vocabulary]}
   */
  @Override
  public Tensor forward(Tensor batch, Tape tape) {
    long N = batch.size(0);
    long T = batch.size(1);
    Tensor place = arange(new Scalar(T)).to(torch.ScalarType.Long).repeat(N);
    Tensor x = tokens.lookUp(batch.reshape(N * T), tape).add(places.lookUp(place, tape));
    for (Block block : blocks) {
      Tensor y = attention(block, block.attentionScale().normalise(x, tape), N, T, tape);
      x = x.add(block.out().apply(y, tape));
      Tensor z = gelu(block.up().apply(block.networkScale().normalise(x, tape), tape));
      x = x.add(block.down().apply(z, tape));
    }
    return head.apply(lastScale.normalise(x, tape), tape);
  }

  private Tensor attention(Block block, Tensor x, long N, long T, Tape tape) {
    Tensor qkv = block.qkv().apply(x, tape).view(N, T, 3, heads, d / heads).permute(2, 0, 3, 1, 4);
    return scaled_dot_product_attention(
            qkv.select(0, 0),
            qkv.select(0, 1),
            qkv.select(0, 2),
            new TensorOptional(),
            0,
            true,
            new DoubleOptional(),
            false)
        .transpose(1, 2)
        .reshape(N * T, d);
  }
}
