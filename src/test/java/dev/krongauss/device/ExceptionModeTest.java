package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.optim.GaussNewton;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import jcuda.CudaException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasStatus;
import jcuda.jcusolver.JCusolver;
import jcuda.jcusolver.cusolverStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything is the same whether the caller has JCuda throw its results or not. */
final class ExceptionModeTest {
  private static final int UPDATES = 30;

  private final Device device = TestDevice.get();

  @AfterEach
  void codesAgain() {
    enable(false);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theModeIsLeftAsItWas(boolean exceptions) {
    enable(exceptions);
    Device own = Device.open();
    assertThat(DeviceFixture.exceptionsEnabled()).as("after open").isEqualTo(exceptions);
    DeviceFixture.train(own, 3, GaussNewton.kfra()::build);
    assertThat(DeviceFixture.exceptionsEnabled()).as("after updates").isEqualTo(exceptions);
    own.close();
    assertThat(DeviceFixture.exceptionsEnabled()).as("after close").isEqualTo(exceptions);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void notReadyIsAnAnswer(boolean exceptions) {
    enable(exceptions);
    long size = 16 << 20;
    boolean waited = false;
    try (Arena arena = device.newArena("not ready");
        Stream s = device.newStream();
        Event event = device.newEvent()) {
      Buffer buffer = arena.floats(size / 4, "much to clear");
      for (int attempt = 0; attempt < 20 && !waited; attempt++) {
        for (int k = 0; k < 20; k++) {
          s.clear(buffer.pointer(), size);
        }
        event.record(s);
        waited = !event.done();
        s.synchronize();
        assertThat(event.done()).isTrue();
      }
    }
    assertThat(waited).as("an event was asked before its work was done").isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void messagesKeepTheirContent(boolean exceptions) {
    enable(exceptions);
    try (Arena arena = device.newArena("greedy")) {
      assertThatThrownBy(() -> arena.floats(1L << 46, "all of it"))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining(
              "device out of memory: 'all of it' of arena 'greedy' needs 268435456.0 MiB")
          .hasMessageContaining("are free");
    }
    assertThatThrownBy(() -> device.ptx("rubbish", "no PTX"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("loading of rubbish failed: CUDA_ERROR_INVALID_PTX (218)");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFailedCaptureLeavesTheStreamUsable(boolean exceptions) {
    enable(exceptions);
    try (Arena arena = device.newArena("capture");
        Stream s = device.newStream()) {
      Matrix W = arena.matrix(1, 1, "W");
      DeviceFixture.failCaptures(s);
      W.upload(new float[] {4}, s);
      assertThat(W.download(s)).containsExactly(4f);
    }
  }

  @Test
  void trainingDoesNotNoticeThreadsThatChangeTheMode() throws InterruptedException {
    List<float[]> wanted = DeviceFixture.train(device, UPDATES, GaussNewton.kfra()::build);
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> togglers = List.of(toggler(done), toggler(done));
    togglers.forEach(Thread::start);
    List<float[]> weights;
    try {
      weights = DeviceFixture.train(device, UPDATES, GaussNewton.kfra()::build);
    } finally {
      done.set(true);
      for (Thread toggler : togglers) {
        toggler.join();
      }
    }
    assertThat(weights).usingRecursiveComparison().isEqualTo(wanted);
  }

  @Test
  void everyCodeIsFoundInItsException() {
    codes(CUresult::stringFor);
    codes(cublasStatus::stringFor);
    codes(cusolverStatus::stringFor);
    CudaException other = new CudaException("Could not load the native library");
    assertThatThrownBy(() -> Results.code(other)).isSameAs(other);
  }

  private static void codes(IntFunction<String> name) {
    for (int code = 1; code < 1200; code++) {
      assertThat(Results.code(new CudaException(name.apply(code)))).isEqualTo(code);
    }
  }

  private static Thread toggler(AtomicBoolean done) {
    return new Thread(
        () -> {
          for (boolean on = true; !done.get(); on = !on) {
            enable(on);
            Thread.onSpinWait();
          }
        });
  }

  private static void enable(boolean exceptions) {
    JCudaDriver.setExceptionsEnabled(exceptions);
    JCublas2.setExceptionsEnabled(exceptions);
    JCusolver.setExceptionsEnabled(exceptions);
  }
}
