package org.example.libtorch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** What entered the layers of a forward pass, and what came out of them. */
final class Tape {
  /** A pass that is not looked at: nothing is kept, and LibTorch may fuse what it can. */
  static final Tape OFF = new Tape(false);

  /** Input {@code [rows][in]} and pre-activation {@code [rows][out]} of a layer. */
  record Entry(Layer layer, Tensor in, Tensor out) {}

  private final boolean on;
  private final List<Entry> entries = new ArrayList<>();

  private Tape(boolean on) {
    this.on = on;
  }

  static Tape on() {
    return new Tape(true);
  }

  boolean records() {
    return on;
  }

  /** Keeps both and returns the second. */
  Tensor record(Layer layer, Tensor in, Tensor out) {
    if (on) {
      entries.add(new Entry(layer, in, out));
    }
    return out;
  }

  List<Entry> entries() {
    return entries;
  }

  /** The pre-activations, in the order of the entries, for {@code torch.grad}. */
  TensorVector outputs() {
    return new TensorVector(entries.stream().map(Entry::out).toArray(Tensor[]::new));
  }
}
