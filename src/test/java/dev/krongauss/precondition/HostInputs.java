package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.precondition.HeldRows.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A batch for every kind of layer, on the host and on the device, and gradients. */
final class HostInputs implements AutoCloseable {
  static final int N = 6;
  static final int T = 4;
  static final int I = 5;
  static final int O = 3;
  static final int ROWS = 9;

  private final Device device;
  private final SplittableRandom random = new SplittableRandom(55);
  final Arena arena;
  final List<HeldRows> held = new ArrayList<>();
  final Memory memory;
  final HeldRows a;
  final HeldRows C;
  final HeldRows x;
  final HeldRows Cx;
  final int[] indices = new int[N * T];
  final int[] lengths = new int[N];
  final Positions positions = Positions.of(N, T).oneOf(2);
  final List<HostWeights> gradients = new ArrayList<>();
  final List<LayerWeights> onDevice = new ArrayList<>();

  HostInputs(Device device, Memory memory) {
    this.device = device;
    arena = device.newArena("host test");
    this.memory = memory;
    a = held(N * T, I);
    C = held(N * T, O);
    x = held(N * T, O);
    Cx = held(N * T, O);
    for (int row = 0; row < indices.length; row++) {
      indices[row] = random.nextInt(ROWS);
    }
    Arrays.setAll(lengths, n -> n % T + 1);
    gradients.add(new HostWeights(held(I, O).rows(), held(1, O).rows()));
    gradients.add(HostWeights.of(held(ROWS, O).rows()));
    gradients.add(new HostWeights(held(1, O).rows(), held(1, O).rows()));
    gradients.add(HostWeights.of(held(1, O).rows()));
    int next = 4;
    for (HostWeights g : gradients) {
      Matrix weights = copy(held.get(next++));
      onDevice.add(new LayerWeights(weights, g.bias() == null ? null : copy(held.get(next++))));
    }
  }

  private HeldRows held(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextDouble() - 0.5f;
    }
    HeldRows made = HeldRows.of(memory, values, rows, columns);
    held.add(made);
    return made;
  }

  Matrix copy(HeldRows from) {
    Matrix matrix = arena.matrix(from.rows().rows(), from.rows().columns(), "copy");
    matrix.upload(from.compact(), device.stream());
    return matrix;
  }

  void enter(HostPreconditioner p) {
    p.accumulate(0, a.rows(), C.rows(), positions, lengths);
    p.embedding(1, indices, C.rows(), positions, lengths);
    p.scale(2, x.rows(), Cx.rows(), positions, null);
    p.shift(3, Cx.rows(), positions, lengths);
  }

  @Override
  public void close() {
    held.forEach(HeldRows::free);
    arena.close();
  }

  /** The layers that the inputs are for. */
  static <T extends PreconditionerSetters<T>> T layers(T builder, Operations.Mode mode) {
    return builder
        .layer(I + 1, O)
        .shared(T, Sharing.EXPAND)
        .layout(WeightLayout.IN_OUT, Bias.SEPARATE)
        .embedding(ROWS, O)
        .shared(T, Sharing.EXPAND)
        .scaleAndShift(O)
        .shift(O)
        .gamma(0.1)
        .operations(mode);
  }
}
