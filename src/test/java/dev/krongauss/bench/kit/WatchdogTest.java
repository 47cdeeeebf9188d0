package dev.krongauss.bench.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.process.Child;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session that neither its processes nor itself would end. */
final class WatchdogTest {
  @TempDir private Path folder;

  /** Starts a process that sleeps, says its number, and spins. */
  static final class Spins {
    private Spins() {}

    public static void main(String[] arguments) throws IOException {
      Process sleeps = new ProcessBuilder("sleep", "600").start();
      try (Watchdog watchdog = new Watchdog(4)) {
        System.out.println(sleeps.pid());
        while (watchdog != null) {
          Thread.onSpinWait();
        }
      }
    }
  }

  @Test
  void endsThisProcessAndWhatItStarted() throws IOException {
    try (Child child =
        Child.Builder.java(folder.resolve("log"), List.of(), List.of(), Spins.class.getName())
            .start()) {
      BufferedReader out = child.process().inputReader();
      long sleeps = Long.parseLong(out.readLine());
      assertThat(out.readLine()).contains("the limit is reached");
      assertThat(child.waitFor(30)).isEqualTo(1);
      assertThat(ProcessHandle.of(sleeps).map(ProcessHandle::isAlive).orElse(false)).isFalse();
    }
  }
}
