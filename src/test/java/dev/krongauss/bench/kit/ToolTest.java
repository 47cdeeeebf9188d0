package dev.krongauss.bench.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Programs of a machine that answer, that are not there, and that hang. */
final class ToolTest {
  private static final double SECONDS = 20;

  @Test
  void linesOfOneThatAnswers() throws IOException {
    assertThat(Tool.lines("sh", "-c", "echo a; echo b; echo c >&2")).containsExactly("a", "b");
  }

  @Test
  void nothingOfOneThatFailsOrIsNotThere() throws IOException {
    assertThat(Tool.lines("sh", "-c", "echo a; exit 1")).isEmpty();
    assertThat(Tool.lines("/nowhere/nvidia-smi")).isEmpty();
  }

  /** Also where what it started keeps its output open. */
  @Test
  void oneThatHangsIsStopped() throws IOException {
    long begin = System.nanoTime();
    assertThat(Tool.lines(1, "sh", "-c", "echo a; sleep 60 & sleep 60")).isEmpty();
    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(SECONDS);
  }
}
