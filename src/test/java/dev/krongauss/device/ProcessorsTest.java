package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * SoftCUDA has as many threads as the JVM has processors, which may be fewer than the machine's.
 */
final class ProcessorsTest {
  private static final Path TASKSET = Path.of("/usr/bin/taskset");

  /** Prints the device's name, in a process of its own. */
  static final class PrintName {
    public static void main(String[] arguments) {
      try (Device device = Device.open()) {
        System.out.println(device.name());
      }
    }
  }

  @Test
  void oneProcessorByAffinityIsOneThread() throws Exception {
    assumeTrue(Files.isExecutable(TASKSET), "no " + TASKSET);
    List<String> onOne = List.of(TASKSET.toString(), "-c", firstAllowedProcessor());
    assertThat(nameOf(onOne, List.of())).contains("SoftCUDA (1 thread, ");
  }

  @Test
  void theJvmsNumberIsTaken() throws Exception {
    assertThat(nameOf(List.of(), List.of("-XX:ActiveProcessorCount=3")))
        .contains("SoftCUDA (3 threads, ");
  }

  @Test
  void theSettingOverridesIt() throws Exception {
    assertThat(
            nameOf(
                List.of(), List.of("-XX:ActiveProcessorCount=3", "-Dkrongauss.softcuda.workers=2")))
        .contains("SoftCUDA (2 threads, ");
  }

  /** {@code 0-3,8} of the line that the kernel writes begins with the one to take. */
  private static String firstAllowedProcessor() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .map(line -> line.replaceAll("\\D*(\\d+).*", "$1"))
        .findFirst()
        .orElseThrow();
  }

  private static String nameOf(List<String> before, List<String> options) throws IOException {
    ChildJvm.Result result =
        new ChildJvm()
            .under(before.toArray(String[]::new))
            .property("krongauss.device", "software")
            .option(options.toArray(String[]::new))
            .run(PrintName.class);
    assertThat(result.status()).as(result.output()).isZero();
    return result.output();
  }
}
