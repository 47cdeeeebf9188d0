package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.precondition.Preconditioner;
import java.util.List;

/**
 * A network with its loss and one batch, and what analyses ask of them. It owns none of the three.
 */
final class Subject implements AutoCloseable {
  private static final long BUDGET = 256L << 20;

  final Network network;
  final LossFunction loss;
  final LossFunction.OnDevice operations;
  final Stream s;
  private final Device device;
  private final Arena arena;
  private final Reduce reduce;
  private final Buffer scratch;
  private final Buffer number;
  private final Buffer step;
  private Batch batch;
  private Matrix h;
  private Matrix outputGradient;
  private Buffer perDatapoint;

  Subject(Network network, LossFunction loss) {
    this.network = network;
    this.loss = loss;
    this.device = network.device();
    this.s = device.stream();
    this.operations = loss.on(device);
    this.arena = device.newArena("analysis");
    this.reduce = new Reduce(device);
    this.scratch = arena.floats(Reduce.scratchFloats(network.parameters()), "reduction scratch");
    this.number = arena.floats(1, "number");
    this.step = arena.ints(1, "step");
  }

  /** Takes a batch and runs the network forward. */
  void take(Batch given) {
    if (batch == null || batch.size() != given.size()) {
      int outputs = network.sizes()[network.sizes().length - 1];
      outputGradient = arena.matrix(given.size(), outputs, "output gradient");
      perDatapoint = arena.floats(given.size(), "per datapoint");
    }
    batch = given;
    h = network.forward(given, s);
  }

  /** Runs the network forward again, after its weights have changed. */
  void again() {
    h = network.forward(batch, s);
  }

  Matrix h() {
    return h;
  }

  Matrix targets() {
    return batch.targets();
  }

  /** Mean loss at the batch; the network must have run forward since its weights changed. */
  double loss() {
    operations.evaluate(h, batch.targets(), outputGradient, perDatapoint.pointer(), s);
    reduce.sum(s, perDatapoint.pointer(), batch.size(), 1f / batch.size(), number.pointer());
    return value();
  }

  /** Gradient of the mean loss and of the L2 term. */
  void gradient(double l2, List<Matrix> gradients) {
    operations.evaluate(h, batch.targets(), outputGradient, perDatapoint.pointer(), s);
    network.backward(outputGradient, (float) l2, gradients, s);
  }

  /**
   * Where the batch is, for an exact system.
   *
   * @param gradients of the last {@link #gradient}
   */
  ExactSystem.Point point(List<Matrix> gradients) {
    return new ExactSystem.Point(h, batch.targets(), outputGradient, gradients);
  }

  /**
   * Mean loss and L2 term at weights W + step D; the weights are the old ones afterwards.
   *
   * @param D shaped like the parameters
   */
  double objective(double l2, double step, List<Matrix> D) {
    float[][] before = network.weights();
    float[][] moved = new float[before.length][];
    double norm2 = 0;
    for (int l = 0; l < before.length; l++) {
      float[] direction = D.get(l).download(s);
      moved[l] = new float[direction.length];
      for (int i = 0; i < direction.length; i++) {
        moved[l][i] = (float) (before[l][i] + step * direction[i]);
        norm2 += (double) moved[l][i] * moved[l][i];
      }
    }
    network.setWeights(moved);
    again();
    double objective = loss() + l2 / 2 * norm2;
    network.setWeights(before);
    again();
    return objective;
  }

  /** Matrices like the parameters, zero. */
  List<Matrix> like(String name) {
    return network.parameters().stream()
        .map(W -> arena.matrix(W.rows(), W.columns(), name))
        .toList();
  }

  /** A float on the device. */
  Buffer number(String name) {
    return arena.floats(1, name);
  }

  /** Σ X Y over all layers. */
  double dot(List<Matrix> X, List<Matrix> Y) {
    reduce.dot(s, X, Y, scratch.pointer(), number.pointer());
    return value();
  }

  /** ⟨X, Y⟩ / (‖X‖ ‖Y‖). */
  double cosine(List<Matrix> X, List<Matrix> Y) {
    return dot(X, Y) / Math.sqrt(dot(X, X) * dot(Y, Y));
  }

  /** A preconditioner with this batch's factors alone. */
  Preconditioner preconditioner(Method method, double gamma, long seed, int stepNumber) {
    Preconditioner.Builder builder = Preconditioner.on(device).decay(0).gamma(gamma);
    network.parameters().forEach(W -> builder.layer(W.columns(), W.rows()));
    Preconditioner preconditioner = builder.build();
    enter(method, preconditioner, seed, stepNumber);
    preconditioner.refresh(s);
    return preconditioner;
  }

  /** Enters the batch into a preconditioner's averages. */
  void enter(Method method, Preconditioner preconditioner, long seed, int stepNumber) {
    step.uploadInts(new int[] {stepNumber}, s);
    try (FactorEngine engine =
        new FactorEngine(device, Operations.of(device), method, loss, BUDGET, seed, false)) {
      engine.enter(
          network.traces(), h, batch.targets(), step.pointer(), preconditioner.factors(), s);
      s.synchronize(); // the engine's memory is in use until then
    }
  }

  @Override
  public void close() {
    operations.close();
    arena.close();
  }

  private double value() {
    return number.downloadFloats(1, s)[0];
  }
}
