package org.example.modular;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The module and its jars on the module path and on the class path of each JDK that is found. */
final class LaunchTest {
  private static final String MAIN = "org.example.modular.Trainer";
  private static final String MODULE = "org.example.modular/" + MAIN;

  @Test
  void eachJdkTrains() throws IOException {
    for (Map.Entry<Integer, Path> jdk : Jdks.find(System.getProperty("it.jdks")).entrySet()) {
      long start = System.nanoTime();
      trained("a module", program(jdk).onModulePath(MODULE));
      trained("the class path", program(jdk).onClassPath(MAIN));
      System.out.printf(
          "JDK %d: trained on the module path and on the class path, %.1f s%n",
          jdk.getKey(), (System.nanoTime() - start) / 1e9);
    }
  }

  private static Program program(Map.Entry<Integer, Path> jdk) {
    return new Program(jdk.getKey(), jdk.getValue()).option("-Dkrongauss.device=software");
  }

  private static void trained(String where, Program.Result result) {
    assertEquals(0, result.status(), result.output());
    for (String wanted :
        new String[] {
          "0.1.0 of " + where, "device SoftCUDA", "; cuBLAS ", ", cuSOLVER", "trained"
        }) {
      assertTrue(result.output().contains(wanted), wanted + " is missing in:\n" + result.output());
    }
    // JDK 24 and newer warn of native access that is not enabled.
    assertFalse(result.output().contains("restricted method"), result.output());
  }
}
