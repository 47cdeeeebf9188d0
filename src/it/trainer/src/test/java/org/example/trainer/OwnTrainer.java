package org.example.trainer;

import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.precondition.Preconditioner;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A trainer with its own forward and backward pass, buffers and stream. Of Krongauss it knows the
 * device and {@link Preconditioner}: it hands over activations and square-root factors and gets
 * preconditioned gradients back.
 */
final class OwnTrainer implements AutoCloseable {
  private final OwnNetwork network;
  private final double gamma;
  private final CUstream stream = new CUstream();
  private final Stream wrapped;
  private final Preconditioner preconditioner;
  private final List<DeviceArray> activations = new ArrayList<>();
  private final List<DeviceArray> squareRoots = new ArrayList<>();
  private final List<DeviceArray> gradients = new ArrayList<>();
  private final List<DeviceArray> directions = new ArrayList<>();
  private final int N;
  private final int K;

  OwnTrainer(Device device, OwnNetwork network, int N, double gamma) {
    this.network = network;
    this.gamma = gamma;
    this.N = N;
    this.K = network.units(network.layers() - 1);
    // Krongauss leaves the thread's context alone; these arrays and this stream belong in its own.
    DeviceArray.check(JCudaDriver.cuCtxSetCurrent(device.context()), "cuCtxSetCurrent");
    DeviceArray.check(JCudaDriver.cuStreamCreate(stream, 0), "cuStreamCreate");
    wrapped = device.wrap(stream);
    Preconditioner.Builder builder = Preconditioner.on(device).gamma(gamma);
    for (int l = 0; l < network.layers(); l++) {
      builder.layer(network.inputs(l), network.units(l));
      activations.add(new DeviceArray(N * network.inputs(l)));
      squareRoots.add(new DeviceArray(N * K * network.units(l)));
      gradients.add(new DeviceArray(network.units(l) * network.inputs(l)));
      directions.add(new DeviceArray(network.units(l) * network.inputs(l)));
    }
    preconditioner = builder.build();
  }

  /** One update on a batch; returns the loss before it. */
  double step(float[] x, float[] t) {
    double loss = network.forward(x, t);
    float[][] g = network.gradients(t);
    float[][] D = direction(g);
    double slope = 0;
    double norm2 = 0;
    for (int l = 0; l < D.length; l++) {
      for (int i = 0; i < D[l].length; i++) {
        slope += (double) D[l][i] * g[l][i];
        norm2 += (double) D[l][i] * D[l][i];
      }
    }
    network.move(-slope / (network.curvatureAlong(D) + gamma * gamma * norm2), D);
    return loss;
  }

  /** Enters the batch of the last forward pass, refreshes, and preconditions gradients. */
  float[][] direction(float[][] g) {
    float[][] C = network.squareRoots();
    for (int l = 0; l < network.layers(); l++) {
      activations.get(l).upload(network.activations(l));
      squareRoots.get(l).upload(C[l]);
      gradients.get(l).upload(g[l]);
      preconditioner.accumulate(
          l,
          activations.get(l).matrix(N, network.inputs(l)),
          squareRoots.get(l).matrix(N * K, network.units(l)),
          wrapped);
    }
    preconditioner.refresh(wrapped);
    for (int l = 0; l < network.layers(); l++) {
      preconditioner.apply(
          l,
          gradients.get(l).matrix(network.units(l), network.inputs(l)),
          directions.get(l).matrix(network.units(l), network.inputs(l)),
          wrapped);
    }
    DeviceArray.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
    String failure = preconditioner.failure(wrapped);
    if (!failure.isEmpty()) {
      throw new IllegalStateException(failure);
    }
    return directions.stream().map(DeviceArray::download).toArray(float[][]::new);
  }

  Preconditioner preconditioner() {
    return preconditioner;
  }

  @Override
  public void close() {
    preconditioner.close();
    wrapped.close(); // a view: the stream is still ours to destroy
    for (List<DeviceArray> arrays : List.of(activations, squareRoots, gradients, directions)) {
      arrays.forEach(DeviceArray::close);
    }
    DeviceArray.check(JCudaDriver.cuStreamDestroy(stream), "cuStreamDestroy");
  }
}
