package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  private static String nameOf(List<String> before, List<String> options) throws Exception {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-Dkrongauss.device=software"));
    command.addAll(options);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), PrintName.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
