package dev.krongauss.bench.kit;

import dev.krongauss.bench.process.Child;
import dev.krongauss.bench.run.Environment;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * What all stages need to know.
 *
 * @param home the unpacked kit
 * @param results where result files go
 * @param work where logs and intermediate files go
 * @param device {@code cuda} or {@code software}
 * @param prefixes beginnings of names of cases, joined by commas; empty for all
 * @param limitSeconds for each stage
 * @param seconds of training for each optimiser; null for what fits the stage
 * @param session whether all that matters is done within one limit, not a stage to its end
 * @param command as it was given
 */
record KitSettings(
    Path home,
    Path results,
    Path work,
    String device,
    String prefixes,
    double limitSeconds,
    Double seconds,
    boolean session,
    String command) {

  /** The same with another limit. */
  KitSettings within(double seconds) {
    return new KitSettings(
        home, results, work, device, prefixes, seconds, this.seconds, session, command);
  }

  boolean software() {
    return device.equals("software");
  }

  /**
   * A process with this kit's classes on the device that was asked for. A sanitizer would spend its
   * time on the libraries' start, so that stage does without.
   */
  Child.Builder java(String stage, List<String> prefix, List<String> properties, String mainClass)
      throws IOException {
    List<String> all = new ArrayList<>();
    all.add("-Xmx3g");
    all.add("-Dkrongauss.device=" + device);
    all.add("-Dkrongauss.home=" + home);
    all.add("-Dkrongauss.cache=" + work.resolve("native"));
    all.add("-Dorg.slf4j.simpleLogger.showThreadName=false");
    String own = System.getenv().getOrDefault("KRONGAUSS_JAVA_OPTIONS", "").trim();
    if (!own.isEmpty()) {
      all.addAll(List.of(own.split(" +")));
    }
    all.addAll(properties);
    return Child.Builder.java(work.resolve(stage + ".log"), prefix, all, mainClass)
        .environment(
            software()
                ? Map.of()
                : stage.equals("sanitize")
                    ? Libraries.find(home).driverEnvironment()
                    : Libraries.find(home).environment());
  }

  /** What the kit was made of; empty fields where {@code make} did not write them. */
  Map<String, Object> kit() throws IOException {
    Properties properties = new Properties();
    Path file = home.resolve("kit.properties");
    if (Files.isRegularFile(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      }
    }
    Map<String, Object> map = new LinkedHashMap<>();
    for (String key : List.of("version", "commit", "changes", "made", "jdk", "glibc", "nvcc")) {
      map.put(key, properties.getProperty(key));
    }
    return map;
  }

  /** The machine; the commit is the kit's, not that of a repository the kit may lie in. */
  Map<String, Object> machine() throws IOException {
    Map<String, Object> map = new Environment(home).asMap();
    List.of("krongauss", "commit", "uncommittedChanges", "jvmArguments").forEach(map::remove);
    return map;
  }
}
