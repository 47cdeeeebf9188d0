package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import java.util.List;

/** What the coefficient of each layer is judged by ({@code kernels/layer_measures.cu}). */
public final class LayerMeasures {
  /** Numbers of a layer: r, q, p and w. */
  public static final int MEASURES = 4;

  private final Function measures;
  private final Function taking;
  private final Subsample subsample;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public LayerMeasures(Device device) {
    measures = device.function("layer_measures", "layer_measures_f32");
    taking = device.function("layer_measures", "layer_measures_f32__taking");
    subsample = new Subsample(device);
  }

  /**
   * Floats of scratch that {@link #measure} needs for matrices of these shapes: a counter a layer,
   * and four a block.
   */
  public static int scratchFloats(List<Matrix> D) {
    return Check.count(
        D.size() + (long) MEASURES * ElementGroups.blocks(D), "counters and partial sums");
  }

  /**
   * r_l = ⟨D_l, g_l⟩, q_l = ‖D_l‖², p_l = −⟨D_l, μ m_l + (1 − μ) g_l⟩ and w_l = ‖W_l‖² of every
   * layer; one launch for up to 32 layers. Where μ is 0, m is not read and p is −r to the bit. NaN
   * and infinities are not lost; the order is fixed.
   *
   * @param D directions, at least one
   * @param g gradients, shaped like D
   * @param m averages of the gradients before this one, shaped like D; null for none, then μ is 0
   * @param W weights, shaped like D
   * @param muPointer device address of one float; not looked at without m
   * @param scratchPointer device address of {@link #scratchFloats} floats, of which the first, as
   *     many as layers, are 0 before the first use, as in an arena; launches that share it follow
   *     one another
   * @param part of the batch, copied by the same launch if it is one for up to 32 layers and 32
   *     matrices, else by launches before; null for none
   * @param out device address of floats {@code [MEASURES][layers]}: r, then q, p, and w
   * @throws IllegalArgumentException if the lists do not fit or an address is missing
   */
  public void measure(
      Stream s,
      List<Matrix> D,
      List<Matrix> g,
      List<Matrix> m,
      List<Matrix> W,
      long muPointer,
      long scratchPointer,
      Part part,
      long out) {
    shapes(D, g, "g");
    shapes(D, W, "W");
    if (m != null) {
      shapes(D, m, "m");
      Elements.address(muPointer, "mu");
    }
    Elements.address(scratchPointer, "the scratch");
    Elements.address(out, "the measures");
    int layers = D.size();
    ElementGroups table = table(D, g, m, W, muPointer, scratchPointer, out);
    if (part == null) {
      Groups.launch(measures, s, D.size(), table);
    } else if (D.size() <= Groups.MOST && part.to().size() <= Groups.MOST) {
      Groups.launch(taking, s, D.size(), new Taking(table, Subsample.groups(part)));
    } else {
      subsample.take(s, part);
      Groups.launch(measures, s, D.size(), table);
    }
  }

  private static ElementGroups table(
      List<Matrix> D,
      List<Matrix> g,
      List<Matrix> m,
      List<Matrix> W,
      long muPointer,
      long scratchPointer,
      long out) {
    int layers = D.size();
    return new ElementGroups(
        List.of(D, g, m == null ? g : m, W),
        (launch, first) -> {
          long before = (long) MEASURES * ElementGroups.blocks(D.subList(0, first));
          long r = out + 4L * first;
          launch
              .pointer(m == null ? 0 : muPointer)
              .pointer(scratchPointer + 4 * (layers + before))
              .pointer(scratchPointer + 4L * first)
              .pointer(r)
              .pointer(r + 4L * layers)
              .pointer(r + 8L * layers)
              .pointer(r + 12L * layers);
        });
  }

  /** The layers' blocks, and behind them those that take the part. */
  private record Taking(ElementGroups layers, ElementGroups stacks) implements Groups.Kernel {
    @Override
    public int bytes() {
      return layers.bytes();
    }

    @Override
    public long blocks(int g) {
      return layers.blocks(g);
    }

    @Override
    public void members(Launch launch, int g) {
      layers.members(launch, g);
    }

    @Override
    public void others(Launch launch, int first) {
      layers.others(launch, first);
      Groups.table(launch, 0, stacks.operands().get(0).size(), stacks);
      stacks.others(launch, 0);
    }

    @Override
    public long grid(long blocks) {
      return blocks + ElementGroups.blocks(stacks.operands().get(0));
    }
  }

  private static void shapes(List<Matrix> D, List<Matrix> other, String name) {
    Check.that(
        !D.isEmpty() && D.size() == other.size(),
        "%d directions but %d of %s; both lists need the same number, at least one",
        D.size(),
        other.size(),
        name);
    for (int l = 0; l < D.size(); l++) {
      Check.shape(other.get(l), D.get(l).rows(), D.get(l).columns(), name + "[" + l + "]");
    }
  }
}
