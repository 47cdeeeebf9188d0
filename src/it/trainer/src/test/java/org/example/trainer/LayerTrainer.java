package org.example.trainer;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.precondition.LayerReport;
import dev.krongauss.precondition.LayerSteps;
import dev.krongauss.precondition.Preconditioner;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * The same trainer with a step length for each layer: it adds the curvature of the layers'
 * directions on a part of the batch and hands its weights over, and has no damping to choose.
 */
final class LayerTrainer implements AutoCloseable {
  private static final float L2 = 1e-5f;

  private final OwnNetwork network;
  private final int N;
  private final int L;
  private final int K;
  private final CUstream stream = new CUstream();
  private final Stream wrapped;
  private final LayerSteps steps;
  private final Preconditioner preconditioner;
  private final List<DeviceArray> arrays = new ArrayList<>();
  private final List<DeviceArray> activations = new ArrayList<>();
  private final List<DeviceArray> squareRoots = new ArrayList<>();
  private final List<DeviceArray> gradients = new ArrayList<>();
  private final List<DeviceArray> weights = new ArrayList<>();
  private final List<DeviceArray> changes = new ArrayList<>();
  private final DeviceArray sampled;
  private final DeviceArray loss;
  private long refreshAt = 1;
  private int updates;

  LayerTrainer(Device device, OwnNetwork network, int N) {
    this.network = network;
    this.N = N;
    this.L = network.layers();
    this.K = network.units(L - 1);
    DeviceArray.check(JCudaDriver.cuCtxSetCurrent(device.context()), "cuCtxSetCurrent");
    DeviceArray.check(JCudaDriver.cuStreamCreate(stream, 0), "cuStreamCreate");
    wrapped = device.wrap(stream);
    LayerSteps.Builder layers = LayerSteps.on(device).l2(L2);
    for (int l = 0; l < L; l++) {
      layers.layer(network.inputs(l), network.units(l));
    }
    steps = layers.build();
    Preconditioner.Builder factors =
        Preconditioner.on(device)
            .decay(0.6)
            .gammaAt(steps.gammaPointer())
            .restartAt(steps.restartPointer());
    for (int l = 0; l < L; l++) {
      factors.layer(network.inputs(l), network.units(l));
      activations.add(array(N * network.inputs(l)));
      squareRoots.add(array(N * K * network.units(l)));
      gradients.add(array(network.units(l) * network.inputs(l)));
      weights.add(array(network.units(l) * network.inputs(l)));
      changes.add(array(N * K));
    }
    preconditioner = factors.build();
    sampled = array(L * LayerSteps.rows(N) * K);
    loss = array(1);
    upload(weights, network.weights());
  }

  /** One update on a batch; returns the loss before it. */
  double step(float[] x, float[] t) {
    updates++;
    steps.begin(wrapped);
    double before = network.forward(x, t);
    loss.upload(new float[] {(float) before});
    upload(gradients, withL2(network.gradients(t)));
    boolean refresh = updates >= refreshAt;
    if (refresh) {
      refresh();
    }
    List<Matrix> g = matrices(gradients);
    List<Matrix> W = matrices(weights);
    List<Matrix> D = steps.direction(g, preconditioner, wrapped);
    steps.decide(W, g, curvature(D), loss.matrix(1, 1).pointer(), preconditioner, refresh, wrapped);
    steps.apply(W, g, wrapped);
    synchronize();
    network.set(weights.stream().map(DeviceArray::download).toArray(float[][]::new));
    if (updates % 10 == 0) {
      loss.upload(new float[] {(float) network.forward(x, t)});
      steps.reduction(W, loss.matrix(1, 1).pointer(), wrapped);
    }
    refreshAt = steps.report(wrapped).nextRefresh();
    return before;
  }

  LayerReport report() {
    return steps.report(wrapped);
  }

  private void refresh() {
    upload(squareRoots, network.squareRoots());
    for (int l = 0; l < L; l++) {
      activations.get(l).upload(network.activations(l));
      preconditioner.accumulate(
          l,
          activations.get(l).matrix(N, network.inputs(l)),
          squareRoots.get(l).matrix(N * K, network.units(l)),
          wrapped);
    }
    preconditioner.refresh(wrapped);
  }

  /**
   * C_ij = E[v_i · v_j], v_j = J D_j where D_j moves layer j alone; a squared loss has the Hessian
   * 1. Here all rows go forward; with a part of them alone it costs less.
   */
  private Matrix curvature(List<Matrix> D) {
    int n = LayerSteps.rows(N);
    Matrix V = sampled.matrix(L * n, K);
    List<Matrix> all = new ArrayList<>();
    List<Matrix> part = new ArrayList<>();
    for (int j = 0; j < L; j++) {
      float[][] alone = new float[L][];
      alone[j] = D.get(j).download(wrapped);
      changes.get(j).upload(network.change(alone));
      all.add(changes.get(j).matrix(N, K));
      part.add(V.rows(j * n, n));
    }
    steps.sample(N, all, part, wrapped);
    return steps.gram(V, V, wrapped);
  }

  private float[][] withL2(float[][] g) {
    for (int l = 0; l < L; l++) {
      for (int i = 0; i < g[l].length; i++) {
        g[l][i] += L2 * network.weights()[l][i];
      }
    }
    return g;
  }

  private List<Matrix> matrices(List<DeviceArray> of) {
    List<Matrix> result = new ArrayList<>();
    for (int l = 0; l < L; l++) {
      result.add(of.get(l).matrix(network.units(l), network.inputs(l)));
    }
    return result;
  }

  private DeviceArray array(int length) {
    DeviceArray array = new DeviceArray(length);
    arrays.add(array);
    return array;
  }

  private void upload(List<DeviceArray> to, float[][] values) {
    for (int l = 0; l < L; l++) {
      to.get(l).upload(values[l]);
    }
  }

  private void synchronize() {
    DeviceArray.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
  }

  @Override
  public void close() {
    preconditioner.close();
    steps.close();
    wrapped.close(); // a view: the stream is still ours to destroy
    arrays.forEach(DeviceArray::close);
    DeviceArray.check(JCudaDriver.cuStreamDestroy(stream), "cuStreamDestroy");
  }
}
