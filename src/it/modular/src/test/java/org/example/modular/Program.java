package org.example.modular;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A program on jars of this project, in a JVM of its own. */
final class Program {
  private static final Path LIB = Path.of("target/lib");
  private static final String NATIVE_MODULES = "org.lwjgl,jcuda,jcublas,jcusolver";
  private static final long MINUTES = 5;

  private final Path java;
  private final int version;
  private final Map<String, String> environment = new TreeMap<>();
  private final List<String> options = new ArrayList<>();
  private Predicate<String> jars = jar -> true;
  private Path classes = Path.of("target/classes");

  /** Exit status, and standard output and error together. */
  record Result(int status, String output) {}

  Program(int version, Path home) {
    this.version = version;
    this.java = home.resolve("bin/java");
  }

  /** A program of this JVM's JDK. */
  static Program ofThisJdk() {
    return new Program(Runtime.version().feature(), Path.of(System.getProperty("java.home")));
  }

  /** Leaves out the jars with such names. */
  Program without(Predicate<String> such) {
    jars = jars.and(such.negate());
    return this;
  }

  Program environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Program option(String option) {
    options.add(option);
    return this;
  }

  Program classes(Path folder) {
    classes = folder;
    return this;
  }

  Result onClassPath(String main) throws IOException {
    return run("ALL-UNNAMED", List.of("-cp", path(), main));
  }

  /**
   * @param main {@code module/class}
   */
  Result onModulePath(String main) throws IOException {
    return run(NATIVE_MODULES, List.of("-p", path(), "-m", main));
  }

  /** The jars and the classes, as a path. */
  String path() throws IOException {
    try (Stream<Path> files = Files.list(LIB)) {
      return Stream.concat(
              Stream.of(classes), files.filter(f -> jars.test(f.getFileName().toString())).sorted())
          .map(Path::toString)
          .collect(Collectors.joining(":"));
    }
  }

  private Result run(String nativeAccess, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(java.toString()));
    if (version >= 22) { // 17 does not know all of its values, and needs none
      command.add("--enable-native-access=" + nativeAccess);
    }
    command.addAll(options);
    command.addAll(arguments);
    Path log = Files.createTempFile("krongauss-program", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().remove("LD_LIBRARY_PATH");
      builder.environment().putAll(environment);
      Process process = builder.start();
      try {
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
          throw new IOException(
              "no end after " + MINUTES + " minutes: " + command + "\n" + Files.readString(log));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted: " + command, e);
      } finally {
        process.destroyForcibly();
      }
      return new Result(process.exitValue(), Files.readString(log));
    } finally {
      Files.delete(log);
    }
  }
}
