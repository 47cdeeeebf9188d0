package dev.krongauss.views;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.SecondDerivative;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * Somebody else's model of two layers, all of whose matrices are views: parameters beside other
 * columns of theirs, and what its passes leave behind for the curvature.
 */
final class ViewModel implements Model, AutoCloseable {
  private final Device device;
  private final Arena arena;
  private final Operations operations;
  private final Passes passes;
  private final SecondDerivative second;
  private final List<Matrix> parameters;
  private final Matrix hidden;
  private final Matrix derivative;
  private final Matrix output;
  private final Matrix delta;
  private final List<Matrix> tangents;
  private Matrix input;

  /** With weights of the trial's random numbers. */
  ViewModel(Trial t, Operations operations, int N, int inputs, int units, int outputs) {
    this.device = t.device();
    this.operations = operations;
    this.arena = device.newArena("view model");
    this.passes = operations.passes(arena, inputs, units, outputs);
    this.second = new SecondDerivative(device);
    this.parameters =
        List.of(
            t.inOut(t.random(units, inputs + 1, -0.2, 0.2)),
            t.inOut(t.random(outputs, units + 1, -0.2, 0.2)));
    this.hidden = t.inOut(Table.homogeneous(t, N, units + 1));
    this.derivative = t.output(N, units);
    this.output = t.output(N, outputs);
    this.delta = t.output(N, units);
    this.tangents = Table.outputs(t, N, units, N, outputs);
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public List<Matrix> parameters() {
    return parameters;
  }

  @Override
  public Matrix forward(Batch batch, Stream s) {
    input = batch.inputs();
    Matrix a = hidden.columns(derivative.columns());
    passes.forward(
        s,
        List.of(
            new Link.Forward(input, parameters.get(0), Transfer.TANH, 0, a, derivative),
            new Link.Forward(hidden, parameters.get(1), Transfer.IDENTITY, 0, output, null)));
    return output;
  }

  @Override
  public List<LayerTrace> traces() {
    return List.of(
        new Trace(input, parameters.get(0), derivative),
        new Trace(hidden, parameters.get(1), null));
  }

  @Override
  public void backward(Matrix gradient, float l2, List<Matrix> gradients, Stream s) {
    passes.backward(s, List.of(new Link.Backward(gradient, parameters.get(1), derivative, delta)));
    operations.gradients(
        s,
        List.of(delta, gradient),
        List.of(input, hidden),
        1f / input.rows(),
        l2,
        parameters,
        gradients);
  }

  @Override
  public Matrix tangent(List<Matrix> direction, Stream s) {
    List<Link.Tangent> links = new ArrayList<>();
    links.add(
        new Link.Tangent(
            input, direction.get(0), null, parameters.get(0), derivative, tangents.get(0)));
    links.add(
        new Link.Tangent(
            hidden, direction.get(1), tangents.get(0), parameters.get(1), null, tangents.get(1)));
    passes.tangent(s, links);
    return tangents.get(1);
  }

  @Override
  public long captureStamp() {
    return 0;
  }

  @Override
  public void close() {
    device.synchronize();
    arena.close();
  }

  private final class Trace implements LayerTrace {
    private final Matrix activations;
    private final Matrix W;
    private final Matrix f1;

    Trace(Matrix activations, Matrix W, Matrix f1) {
      this.activations = activations;
      this.W = W;
      this.f1 = f1;
    }

    @Override
    public Matrix input() {
      return activations;
    }

    @Override
    public Matrix weights() {
      return W;
    }

    @Override
    public Matrix derivative() {
      return f1;
    }

    @Override
    public void secondDerivative(Matrix out, Stream s) {
      second.of(s, Transfer.TANH, hidden.columns(out.columns()), f1, out);
    }
  }
}
