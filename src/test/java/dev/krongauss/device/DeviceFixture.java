package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.StoreKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import jcuda.CudaException;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/** What the tests of a program that has JCuda calls of its own need. */
final class DeviceFixture {
  static final String STORE = StoreKernel.PTX;

  private static final double[][] X = {{1, 0, 0.5}, {0, 1, -0.5}, {0.25, 0.5, 1}, {-1, 0.75, 0}};
  private static final double[][] T = {{1, 0}, {0, 1}, {0.5, 0.5}, {-1, 1}};

  private DeviceFixture() {}

  static Network network(Device device) {
    return Network.input(3)
        .dense(5, Activation.TANH)
        .dense(2, Activation.IDENTITY)
        .build(device, 1);
  }

  static DeviceBatch batch(Device device) {
    return DeviceBatch.of(device, X, T);
  }

  /** The weights after some updates whose reports nobody reads. */
  static List<float[]> train(
      Device device, int updates, BiFunction<Network, LossFunction, Optimizer> build) {
    try (Network network = network(device);
        DeviceBatch batch = batch(device);
        Optimizer optimizer = build.apply(network, Loss.squared())) {
      for (int k = 0; k < updates; k++) {
        optimizer.step(batch);
      }
      List<float[]> weights = new ArrayList<>();
      network.parameters().forEach(W -> weights.add(W.download(device.stream())));
      return weights;
    }
  }

  /** Whether JCuda throws results: the mode that the caller has chosen. */
  static boolean exceptionsEnabled() {
    try {
      JCudaDriver.cuDeviceGet(new CUdevice(), 99);
      return false;
    } catch (CudaException e) {
      return true;
    }
  }

  /** The calling thread's current context. */
  static CUcontext current() {
    CUcontext context = new CUcontext();
    Driver.checkAnywhere("query", () -> JCudaDriver.cuCtxGetCurrent(context));
    return context;
  }

  /** Makes a context current for the calling thread; an empty one for none. */
  static void makeCurrent(CUcontext context) {
    Driver.checkAnywhere("activation", () -> JCudaDriver.cuCtxSetCurrent(context));
  }

  /** A context of the caller's own, current for no thread. */
  static CUcontext create() {
    CUdevice handle = new CUdevice();
    CUcontext context = new CUcontext();
    Driver.checkAnywhere("query", () -> JCudaDriver.cuDeviceGet(handle, 0));
    Driver.checkAnywhere("creation", () -> JCudaDriver.cuCtxCreate(context, 0, handle));
    Driver.checkAnywhere("removal", () -> JCudaDriver.cuCtxPopCurrent(new CUcontext()));
    return context;
  }

  static void destroy(CUcontext context) {
    Driver.checkAnywhere("destruction", () -> JCudaDriver.cuCtxDestroy(context));
  }

  /** Captures what cannot be captured, and what fails by itself. */
  static void failCaptures(Stream s) {
    assertThatThrownBy(() -> s.capture(s::synchronize)).isInstanceOf(DeviceException.class);
    assertThatThrownBy(
            () ->
                s.capture(
                    () -> {
                      throw new IllegalStateException("own");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("own");
  }

  /** Runs work on a thread of its own and hands on what it throws. */
  static <V> V onThread(Supplier<V> work) {
    List<V> results = new ArrayList<>();
    List<Throwable> thrown = new ArrayList<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                results.add(work.get());
              } catch (RuntimeException | Error e) {
                thrown.add(e);
              }
            });
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (!thrown.isEmpty()) {
      throw new AssertionError("on the other thread: " + thrown.get(0), thrown.get(0));
    }
    return results.get(0); // null from work that has no result
  }
}
