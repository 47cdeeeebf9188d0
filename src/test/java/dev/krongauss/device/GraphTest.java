package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.Update;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Capture and replay. */
final class GraphTest {
  private final Device device = TestDevice.get();

  @Test
  void replaysReadWhatMemoryHoldsThen() {
    try (Arena arena = device.newArena("graph");
        Stream s = device.newStream()) {
      Matrix W = arena.matrix(3, 5, "W");
      Matrix D = arena.matrix(3, 5, "D");
      Buffer alpha = arena.floats(1, "alpha");
      D.upload(filled(1), s);
      Update update = new Update(device);
      Graph graph =
          s.capture(
              () -> {
                update.apply(s, List.of(W), List.of(D), alpha.pointer(), 0);
                s.copy(W, D);
              });
      assertThat(graph.nodes()).isEqualTo(2);
      assertThat(W.download(s)).as("nothing runs while it is captured").containsOnly(0f);
      for (float value : new float[] {2, 0.5f}) {
        alpha.upload(new float[] {value}, s);
        graph.launch(s);
      }
      // W = 0 + 2 · 1, D = W; W = 2 + 0.5 · 2.
      assertThat(W.download(s)).containsOnly(3f);
      assertThat(D.download(s)).containsOnly(3f);
      graph.close();
      graph.close();
      assertThatThrownBy(() -> graph.launch(s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void whatCannotBeCapturedIsAnErrorAndTheStreamStaysUsable() {
    try (Arena arena = device.newArena("graph");
        Stream s = device.newStream()) {
      Matrix W = arena.matrix(1, 1, "W");
      DeviceFixture.failCaptures(s);
      assertThatThrownBy(() -> s.capture(() -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("nothing was enqueued");
      W.upload(new float[] {4}, s);
      assertThat(W.download(s)).containsExactly(4f);
    }
  }

  /** A description of a launch that failed within the capture is not left to its thread. */
  @Test
  void afterAFailedCaptureAnyThreadLaunches() throws Exception {
    try (Arena arena = device.newArena("graph");
        Stream s = device.newStream()) {
      Matrix W = arena.matrix(3, 5, "W");
      Matrix D = arena.matrix(3, 5, "D");
      D.upload(filled(2), s);
      Buffer alpha = arena.floats(1, "alpha");
      alpha.upload(new float[] {1}, s);
      Function function = device.function("update", "update_f32");
      assertThatThrownBy(() -> s.capture(() -> function.on(s).grid(0, 1, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("grid (0, 1, 1)");
      assertThat(s.capturing()).isFalse();
      Update update = new Update(device);
      Thread other = new Thread(() -> update.apply(s, List.of(W), List.of(D), alpha.pointer(), 0));
      other.start();
      other.join();
      assertThat(W.download(s)).containsOnly(2f);
    }
  }

  @Test
  void capturingIsKnown() {
    try (Stream s = device.newStream()) {
      assertThat(s.capturing()).isFalse();
      assertThatThrownBy(
              () ->
                  s.capture(
                      () -> {
                        assertThat(s.capturing()).isTrue();
                        throw new IllegalStateException("own");
                      }))
          .hasMessage("own");
      assertThat(s.capturing()).isFalse();
    }
  }

  private static float[] filled(float value) {
    float[] values = new float[15];
    java.util.Arrays.fill(values, value);
    return values;
  }
}
