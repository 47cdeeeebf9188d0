package dev.krongauss.bench.inspect;

import dev.krongauss.curvature.CurvatureBlocks;
import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import dev.krongauss.precondition.Preconditioner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the library computes for one case, as the tree of the JSON that is written. */
final class Inspection implements AutoCloseable {
  /** Memory for KFLR's chunks of C. */
  private static final long BUDGET = 256L << 20;

  /** Weights of a layer whose exact blocks are written. */
  private static final int LARGEST_BLOCK = 512;

  private final Case c;
  private final Device device;
  private final Stream s;
  private final Arena arena;
  private final Network network;
  private final LossFunction.OnDevice loss;
  private final CaseBatch batch;
  private final Operations operations;
  private final Reduce reduce;
  private final Buffer step;
  private final Buffer scratch;
  private final Buffer perDatapoint;

  Inspection(Case c, Device device) {
    this.c = c;
    this.device = device;
    this.s = device.stream();
    this.arena = device.newArena("inspect");
    Network.Builder builder = Network.input(c.inputWidth());
    for (int l = 1; l <= c.layers(); l++) {
      builder.dense(c.sizes()[l], l == c.layers() ? Activation.IDENTITY : c.activation());
    }
    this.network = builder.build(device, 0);
    network.setWeights(c.weights());
    this.loss = c.loss().on(device);
    this.batch = CaseBatch.of(c, arena, s);
    this.operations = Operations.of(device);
    this.reduce = new Reduce(device);
    this.step = arena.ints(1, "step");
    this.scratch = arena.floats(Reduce.scratchFloats(network.parameters()), "reduction scratch");
    this.perDatapoint = arena.floats(c.datapoints(), "per datapoint");
  }

  /** Everything, in the order of the output's fields. */
  Map<String, Object> run() throws CaseException {
    Matrix h = network.forward(batch, s);
    Matrix outputGradient = arena.matrix(h.rows(), h.columns(), "output gradient");
    loss.evaluate(h, batch.targets(), outputGradient, perDatapoint.pointer(), s);
    List<Matrix> gradients = likeParameters("gradient");
    network.backward(outputGradient, 0, gradients, s);
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Matrix gradient : gradients) {
      Map<String, Object> layer = new LinkedHashMap<>();
      layer.put("gradient", rows(gradient));
      layers.add(layer);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("loss", meanLoss());
    result.put("output", rows(h));
    result.put("layers", layers);
    List<Matrix> regularised = likeParameters("gradient with L2");
    network.backward(outputGradient, (float) c.eta(), regularised, s);
    Map<String, Object> direction = new LinkedHashMap<>();
    for (Method method : List.of(Method.KFLR, Method.KFRA)) {
      direction.put(name(method), step(method, h, regularised, layers));
    }
    exact(
        new ExactSystem.Point(h, batch.targets(), outputGradient, regularised), direction, result);
    if (c.sampledGradients() != null) {
      sampled(h, layers);
    }
    blocks(h, layers);
    result.put("direction", direction);
    return result;
  }

  @Override
  public void close() {
    loss.close();
    network.close();
    arena.close();
  }

  /** Factors by a method, into the layers; the damped, rescaled step with them. */
  private Map<String, Object> step(
      Method method, Matrix h, List<Matrix> gradients, List<Map<String, Object>> layers)
      throws CaseException {
    String name = name(method);
    Preconditioner.Builder builder = Preconditioner.on(device).decay(0).gamma(c.gamma());
    network.parameters().forEach(W -> builder.layer(W.columns(), W.rows()));
    try (Preconditioner preconditioner = builder.build();
        FactorEngine engine =
            new FactorEngine(device, operations, method, c.loss(), BUDGET, 0, false)) {
      engine.enter(
          network.traces(), h, batch.targets(), step.pointer(), preconditioner.factors(), s);
      for (int l = 0; l < c.layers(); l++) {
        layers.get(l).put("Q", symmetric(preconditioner.factors().Q(l)));
        layers.get(l).put("G_" + name, symmetric(preconditioner.factors().G(l)));
      }
      preconditioner.refresh(s);
      if (preconditioner.rung(s) != 0) {
        throw new CaseException(
            "gamma2",
            "a factor of %s is not positive definite in single precision with gamma = %.3g; raise gamma2",
            name,
            c.gamma());
      }
      List<Matrix> direction = likeParameters("direction");
      preconditioner.apply(gradients, direction, s);
      new Refinement(preconditioner, device).improve(gradients, direction, c.gamma());
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("delta", direction.stream().map(this::rows).toList());
      result.put("alpha", alpha(direction, gradients, h));
      return result;
    }
  }

  /** The exact step into the directions, or why not into the result. */
  private void exact(
      ExactSystem.Point at, Map<String, Object> direction, Map<String, Object> result)
      throws CaseException {
    Optional<String> leftOut = ExactDirection.leftOut(c);
    if (leftOut.isPresent()) {
      result.put("exact_left_out", leftOut.get());
      return;
    }
    List<Matrix> delta = ExactDirection.of(c, network, loss, operations, at, arena);
    Map<String, Object> written = new LinkedHashMap<>();
    written.put("delta", delta.stream().map(this::rows).toList());
    written.put("alpha", 1.0);
    direction.put("exact", written);
  }

  /**
   * α* = −⟨Δ, g⟩ / (Δᵀ GN Δ + (γ² + η) ‖Δ‖²), the exact Gauss-Newton matrix of the batch; 0 for Δ =
   * 0.
   */
  private double alpha(List<Matrix> direction, List<Matrix> gradients, Matrix h) {
    Buffer out = arena.floats(3, "measures");
    GaussNewtonProduct.quadratic(
        network, loss, reduce, direction, h, batch.targets(), perDatapoint, out.at(2), s);
    reduce.dotAndNorm(s, direction, gradients, scratch.pointer(), out.at(0), out.at(1));
    float[] values = out.downloadFloats(3, s);
    return values[1] == 0 ? 0 : -values[0] / (values[2] + (c.gamma2() + c.eta()) * values[1]);
  }

  /** G_kfac: the mean of δ δᵀ over datapoints and samples. */
  private void sampled(Matrix h, List<Map<String, Object>> layers) {
    int S = c.sampledGradients().length;
    List<LayerTrace> traces = network.traces();
    List<Matrix> sums = new ArrayList<>();
    traces.forEach(t -> sums.add(arena.matrix(t.weights().rows(), t.weights().rows(), "G_kfac")));
    for (int sample = 0; sample < S; sample++) {
      Matrix delta = arena.matrix(h.rows(), h.columns(), "sampled gradient");
      delta.upload(c.sampledGradients()[sample], s);
      for (int l = c.layers() - 1; l >= 0; l--) {
        operations.gram(s, delta, 1f / (S * h.rows()), sample == 0 ? 0 : 1, sums.get(l));
        if (l > 0) {
          Matrix derivative = traces.get(l - 1).derivative();
          Matrix below = arena.matrix(h.rows(), derivative.columns(), "delta");
          operations.lowrank(s, delta, traces.get(l).weights(), derivative, 1, below);
          delta = below;
        }
      }
    }
    for (int l = 0; l < c.layers(); l++) {
      layers.get(l).put("G_kfac", symmetric(sums.get(l)));
    }
  }

  private static String name(Method method) {
    return method.name().toLowerCase(Locale.ROOT);
  }

  /** Exact blocks of the layers that are small enough. */
  private void blocks(Matrix h, List<Map<String, Object>> layers) {
    try (CurvatureBlocks blocks = new CurvatureBlocks(network, c.loss(), h, batch.targets(), s)) {
      for (int l = 0; l < c.layers(); l++) {
        if ((long) c.sizes()[l + 1] * (c.sizes()[l] + 1) <= LARGEST_BLOCK) {
          layers.get(l).put("ggn_block", rows(blocks.gaussNewtonBlock(l)));
          layers.get(l).put("hessian_block", rows(blocks.hessianBlock(l)));
        }
      }
    }
  }

  private double meanLoss() {
    float[] losses = perDatapoint.downloadFloats(c.datapoints(), s);
    double sum = 0;
    for (float value : losses) {
      sum += value;
    }
    return sum / losses.length;
  }

  private List<Matrix> likeParameters(String name) {
    return network.parameters().stream()
        .map(W -> arena.matrix(W.rows(), W.columns(), name))
        .toList();
  }

  private List<List<Float>> rows(Matrix matrix) {
    float[] values = matrix.download(s);
    List<List<Float>> rows = new ArrayList<>();
    for (int i = 0; i < matrix.rows(); i++) {
      List<Float> row = new ArrayList<>(matrix.columns());
      for (int j = 0; j < matrix.columns(); j++) {
        row.add(values[i * matrix.columns() + j]);
      }
      rows.add(row);
    }
    return rows;
  }

  /** A matrix whose lower triangle is valid, both halves. */
  private List<List<Float>> symmetric(Matrix matrix) {
    List<List<Float>> rows = rows(matrix);
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < i; j++) {
        rows.get(j).set(i, rows.get(i).get(j));
      }
    }
    return rows;
  }
}
