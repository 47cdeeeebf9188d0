package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Chain;
import dev.krongauss.kernel.argument.Link;
import java.util.List;
import java.util.Optional;

/**
 * Passes through all layers: one launch each with this project's kernels, a launch a product with
 * {@code -Dkrongauss.chain=off}, a product and an epilogue a layer with libraries. Made by {@link
 * Operations#passes}; one stream at a time.
 */
public final class Passes {
  private final Device device;
  private final Products products;
  private final Optional<Chain> chain;
  private final int shape;

  /**
   * @param products of passes without a chain, else null
   */
  private Passes(Device device, Products products, Optional<Chain> chain, int shape) {
    this.device = device;
    this.products = products;
    this.chain = chain;
    this.shape = shape;
  }

  /** One launch a pass. */
  static Passes chain(Device device, Arena arena, int... widths) {
    return chain(device, new Chain(device, arena, widths));
  }

  /** A launch a product, in which no block waits for another, with the bits of {@link #chain}. */
  static Passes alone(Device device, Arena arena, int... widths) {
    return chain(device, new Chain(device, arena, widths).alone());
  }

  private static Passes chain(Device device, Chain chain) {
    return new Passes(device, null, Optional.of(chain), 0);
  }

  /** A product a layer. */
  static Passes each(Device device, Products products) {
    return new Passes(device, products, Optional.empty(), 0);
  }

  /**
   * Whether {@link #chain} is asked for: {@code -Dkrongauss.chain=on|off} (default on).
   *
   * @throws IllegalArgumentException for another value
   */
  static boolean chained() {
    String value = System.getProperty("krongauss.chain", "on");
    Check.that(
        value.equals("on") || value.equals("off"),
        "krongauss.chain is '%s'; it must be on or off",
        value);
    return value.equals("on");
  }

  /**
   * Rows of a block for {@link #apart}: 1 with this project's kernels, with a library on SoftCUDA
   * what {@link RowBlock} finds, and 0, for none, with that of a GPU. The first call may wait.
   */
  public int rowBlock() {
    return chain.isPresent() ? 1 : RowBlock.of(device).rows();
  }

  /**
   * The same passes over any number of pieces, which give a row bits that depend on its place in
   * its block alone. A library may have kernels of their own for small products: where a piece's
   * are, they are computed piece by piece.
   *
   * @param wholeRows of the batch that the rows of the passes are a part of: its shape decides how
   *     kernels divide sums
   * @param pieceRows of a piece, whole blocks; not asked for where a block is one row
   */
  public Passes apart(int wholeRows, int pieceRows) {
    Products each = products == null ? null : products.apart(pieceRows);
    return new Passes(device, each, chain, wholeRows);
  }

  /** All layers forwards, the first one first. */
  public void forward(Stream s, List<Link.Forward> links) {
    if (chain.isPresent()) {
      chain.get().forward(s, links);
    } else {
      for (Link.Forward l : links) {
        products.forward(s, l.input(), l.W(), l.f(), l.slope(), l.output(), l.derivative());
      }
    }
  }

  /** A gradient backwards, the last layer first; nothing for a network of one layer. */
  public void backward(Stream s, List<Link.Backward> links) {
    if (links.isEmpty()) {
      return;
    }
    if (chain.isPresent()) {
      chain.get().backward(s, links, shape);
    } else {
      for (Link.Backward l : links) {
        products.lowrank(s, l.delta(), l.W(), l.derivative(), 1, l.below());
      }
    }
  }

  /** A tangent forwards, the first layer first. */
  public void tangent(Stream s, List<Link.Tangent> links) {
    if (chain.isPresent()) {
      chain.get().tangent(s, links);
    } else {
      for (Link.Tangent l : links) {
        products.tangent(s, l.input(), l.D(), l.tangent(), l.W(), l.derivative(), l.out());
      }
    }
  }

  /**
   * The tangents of all layers' directions forwards, one chunk more a layer; the first layer first.
   */
  public void tangents(Stream s, List<Link.Tangents> links) {
    if (chain.isPresent()) {
      chain.get().tangents(s, links, shape);
    } else {
      for (Link.Tangents l : links) {
        products.tangents(s, l);
      }
    }
  }

  /** KFRA's recursion backwards, the last layer first; nothing for a network of one layer. */
  public void recursion(Stream s, List<Link.Recursion> links) {
    if (links.isEmpty()) {
      return;
    }
    if (chain.isPresent()) {
      chain.get().recursion(s, links);
    } else {
      for (Link.Recursion l : links) {
        products.recursion(s, l.G(), l.W(), l.moment(), l.product(), l.below());
      }
    }
  }
}
