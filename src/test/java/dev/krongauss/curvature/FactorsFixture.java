package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.TestDevice;

/** A factor engine with averages of its own, for one network. */
final class FactorsFixture implements AutoCloseable {
  static final long AMPLE = 64L << 20;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Network network;
  private final LossFunction loss;
  private final Arena arena = device.newArena("factors test");
  private final FactorEngine engine;
  private final Factors factors;
  private final Buffer step = arena.ints(1, "step");
  private final Buffer restart = arena.ints(1, "restart");

  FactorsFixture(
      Network network,
      LossFunction loss,
      Operations.Mode mode,
      Method method,
      float decay,
      long budget,
      long seed) {
    this(network, loss, mode, method, decay, budget, seed, false, false);
  }

  /**
   * @param diagonalTop whether G of the last layer is kept as its diagonal
   * @param expectedTop as the engine has it
   */
  FactorsFixture(
      Network network,
      LossFunction loss,
      Operations.Mode mode,
      Method method,
      float decay,
      long budget,
      long seed,
      boolean diagonalTop,
      boolean expectedTop) {
    this.network = network;
    this.loss = loss;
    Operations operations = new Operations(device, mode);
    engine = new FactorEngine(device, operations, method, loss, budget, seed, expectedTop);
    int[] inputs = network.parameters().stream().mapToInt(Matrix::columns).toArray();
    int[] outputs = network.parameters().stream().mapToInt(Matrix::rows).toArray();
    boolean[] diagonal = new boolean[outputs.length];
    diagonal[outputs.length - 1] = diagonalTop;
    factors = new Factors(arena, operations, inputs, outputs, diagonal, decay, restart.pointer());
  }

  /** Enters a batch under a step number, which names KFAC's random numbers. */
  void enter(Batch batch, int stepNumber) {
    step.uploadInts(new int[] {stepNumber}, s);
    Matrix h = network.forward(batch, s);
    engine.enter(network.traces(), h, batch.targets(), step.pointer(), factors, s);
  }

  /** The same, counting the kernels that the factors alone launched. */
  long launches(Batch batch, int stepNumber) {
    step.uploadInts(new int[] {stepNumber}, s);
    Matrix h = network.forward(batch, s);
    long before = DriverCalls.of("cuLaunchKernel");
    engine.enter(network.traces(), h, batch.targets(), step.pointer(), factors, s);
    return DriverCalls.of("cuLaunchKernel") - before;
  }

  /** While this is positive a batch replaces the averages. */
  void restart(int value) {
    restart.uploadInts(new int[] {value}, s);
  }

  float[] Q(int layer) {
    return factors.Q(layer).download(s);
  }

  float[] G(int layer) {
    return factors.G(layer).download(s);
  }

  int chunk() {
    return engine.chunk();
  }

  /** Of the engine, without the averages. */
  long bytes() {
    return engine.bytes();
  }

  int layers() {
    return factors.layers();
  }

  /**
   * The gradients ∂E/∂h at the targets that the engine samples under this seed and step number,
   * [N][d_L].
   */
  double[][] sampled(Batch batch, long seed, int stepNumber) {
    step.uploadInts(new int[] {stepNumber}, s);
    Matrix h = network.forward(batch, s);
    try (Arena own = device.newArena("sampled")) {
      Matrix gradient = own.matrix(h.rows(), h.columns(), "sampled gradient");
      loss.on(device).sampledGradient(h, batch.targets(), seed, step.pointer(), gradient, s);
      return Algebra.matrix(gradient.download(s), h.rows(), h.columns());
    }
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
  }
}
