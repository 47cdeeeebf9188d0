package dev.krongauss.precondition;

import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.testing.Problem;
import java.util.ArrayList;
import java.util.List;

/** A trainer of somebody's own, with the passes of a network, through {@link LayerSteps}. */
final class LayerTrainer implements AutoCloseable {
  static final double AVERAGE_DECAY = 0.625;
  static final double LAMBDA = 0.02;
  static final double LEAST_LAMBDA = 0.0195; // more than 0.99³ of that
  static final int REFRESH_EVERY = 2;
  static final int REDUCTION_EVERY = 3;
  private static final float L2 = 1e-5f;

  final LayerSteps steps;
  final Preconditioner preconditioner;
  final Network network;
  private final Device device;
  private final Stream s;
  private final LossFunction.OnDevice loss;
  private final FactorEngine engine;
  private final Passes passes;
  private final Reduce reduce;
  private final Arena arena;
  private final List<Matrix> gradients;
  private final Matrix outputGradient;
  private final Buffer perDatapoint;
  private final Buffer losses;
  private final List<Matrix> sampled = new ArrayList<>();
  private final List<Matrix> tangents = new ArrayList<>();
  private final Matrix curved;
  private final int N;
  private final int n;
  private final int L;
  private int updates;

  LayerTrainer(Problem problem, Stream s) {
    this.s = s;
    network = problem.network();
    device = network.device();
    N = problem.setup().datapoints();
    L = network.parameters().size();
    loss = problem.loss().on(device);
    Operations operations = new Operations(device, Operations.Mode.KERNELS);
    engine = new FactorEngine(device, operations, Method.KFRA, problem.loss(), 256L << 20, 1, true);
    arena = device.newArena("trainer of steps of layers");
    passes = operations.passes(arena, network.sizes());
    reduce = new Reduce(device);
    steps = steps();
    preconditioner = preconditioner(problem.loss().diagonalHessian());
    gradients = likeWeights();
    int outputs = network.sizes()[L];
    outputGradient = arena.matrix(N, outputs, "output gradient");
    perDatapoint = arena.floats(N, "per datapoint");
    losses = arena.floats(2, "losses");
    n = problem.loss().constantHessian() ? LayerSteps.rows(N) : LayerSteps.rows(N, outputs);
    for (int l = 0; l < L; l++) {
      Matrix W = network.parameters().get(l);
      sampled.add(arena.matrix(n, W.columns(), "input"));
      tangents.add(arena.matrix((l + 1) * n, W.rows(), "tangents"));
    }
    for (int l = 0; l + 1 < L; l++) {
      sampled.add(arena.matrix(n, network.parameters().get(l).rows(), "derivative"));
    }
    sampled.add(arena.matrix(L * n, outputs, "outputs"));
    sampled.add(arena.matrix(L * n, outputs, "targets"));
    curved = arena.matrix(L * n, outputs, "H v");
    loss.reserve(Math.max(N, L * n), outputs, s);
  }

  private List<Matrix> likeWeights() {
    List<Matrix> result = new ArrayList<>();
    for (Matrix W : network.parameters()) {
      result.add(arena.matrix(W.rows(), W.columns(), "gradient"));
    }
    return result;
  }

  private LayerSteps steps() {
    LayerSteps.Builder builder =
        LayerSteps.on(device)
            .lambda(LAMBDA)
            .leastLambda(LEAST_LAMBDA)
            .l2(L2)
            .reductionEvery(REDUCTION_EVERY)
            .averageOfWeights(AVERAGE_DECAY);
    network.parameters().forEach(W -> builder.layer(W.columns(), W.rows()));
    return builder.build();
  }

  private Preconditioner preconditioner(boolean diagonalTop) {
    Preconditioner.Builder builder =
        Preconditioner.on(device)
            .decay(0.6)
            .gammaAt(steps.gammaPointer())
            .restartAt(steps.restartPointer())
            .operations(Operations.Mode.KERNELS);
    for (int l = 0; l < L; l++) {
      Matrix W = network.parameters().get(l);
      if (diagonalTop && l + 1 == L) {
        builder.diagonalLayer(W.columns(), W.rows());
      } else {
        builder.layer(W.columns(), W.rows());
      }
    }
    return builder.build();
  }

  /** Lets all but steps and preconditioner take their memory: an update may then be captured. */
  void reserve(Batch batch, boolean diagonalTop) {
    try (Preconditioner aside = preconditioner(diagonalTop)) {
      Matrix h = network.forward(batch, s);
      engine.enter(network.traces(), h, batch.targets(), losses.pointer(), aside.factors(), s);
      s.synchronize();
    }
  }

  /** The next update, with refreshes and reductions as often as these constants say. */
  void update(Batch batch) {
    updates++;
    update(batch, (updates - 1) % REFRESH_EVERY == 0, updates % REDUCTION_EVERY == 0);
  }

  void update(Batch batch, boolean refresh, boolean reduction) {
    steps.begin(s);
    Matrix h = network.forward(batch, s);
    evaluate(batch, h, outputGradient, 0);
    network.backward(outputGradient, L2, gradients, s);
    if (refresh) {
      engine.enter(
          network.traces(), h, batch.targets(), losses.pointer(), preconditioner.factors(), s);
      preconditioner.refresh(s);
    }
    List<Matrix> D = steps.direction(gradients, preconditioner, s);
    Matrix C = curvature(batch, h, D);
    List<Matrix> W = network.parameters();
    steps.decide(W, gradients, C, losses.pointer(), preconditioner, refresh, s);
    steps.apply(W, gradients, s);
    if (reduction) {
      evaluate(batch, network.forward(batch, s), null, 1);
      steps.reduction(W, losses.at(1), s);
    }
  }

  private void evaluate(Batch batch, Matrix h, Matrix gradient, int which) {
    loss.evaluate(h, batch.targets(), gradient, perDatapoint.pointer(), s);
    reduce.sum(s, perDatapoint.pointer(), N, 1f / N, losses.at(which));
  }

  private Matrix curvature(Batch batch, Matrix h, List<Matrix> D) {
    List<LayerTrace> traces = network.traces();
    List<Matrix> from = new ArrayList<>();
    traces.forEach(trace -> from.add(trace.input()));
    traces.stream().limit(L - 1).forEach(trace -> from.add(trace.derivative()));
    from.addAll(List.of(h, batch.targets()));
    steps.sample(N, n, from, sampled, s);
    List<Link.Tangents> links = new ArrayList<>();
    for (int l = 0; l < L; l++) {
      links.add(
          new Link.Tangents(
              sampled.get(l),
              D.get(l),
              l == 0 ? null : tangents.get(l - 1),
              network.parameters().get(l),
              l + 1 == L ? null : sampled.get(L + l),
              tangents.get(l)));
    }
    passes.tangents(s, links);
    Matrix V = tangents.get(L - 1);
    loss.curvatureVector(sampled.get(2 * L - 1), sampled.get(2 * L), V, curved, s);
    return steps.gram(V, curved, s);
  }

  @Override
  public void close() {
    s.synchronize();
    preconditioner.close();
    steps.close();
    engine.close();
    loss.close();
    arena.close();
  }
}
