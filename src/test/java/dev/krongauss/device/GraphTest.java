package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.Update;
import dev.krongauss.testing.TestDevice;
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
                update.apply(s, W, D, alpha.pointer(), 0);
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
      assertThatThrownBy(() -> s.capture(s::synchronize)).isInstanceOf(DeviceException.class);
      assertThatThrownBy(
              () ->
                  s.capture(
                      () -> {
                        throw new IllegalStateException("own");
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("own");
      assertThatThrownBy(() -> s.capture(() -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("nothing was enqueued");
      W.upload(new float[] {4}, s);
      assertThat(W.download(s)).containsExactly(4f);
    }
  }

  private static float[] filled(float value) {
    float[] values = new float[15];
    java.util.Arrays.fill(values, value);
    return values;
  }
}
