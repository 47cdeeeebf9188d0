package org.example.modular;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer of the README, compiled and run against the jars. */
final class ReadmeTest {
  private static final int UPDATES = 20;

  @TempDir Path folder;

  @Test
  void itsTrainerRunsOnTheClassPath() throws IOException {
    Path source = Files.writeString(folder.resolve("Trainer.java"), trainer());
    compile(List.of("-cp", program().path()), source);
    prints(program().onClassPath("Trainer"));
  }

  @Test
  void itsTrainerRunsAsAModule() throws IOException {
    Path source =
        Files.writeString(folder.resolve("Trainer.java"), "package readme;\n" + trainer());
    Path module =
        Files.writeString(
            folder.resolve("module-info.java"), "module readme { requires dev.krongauss; }");
    compile(List.of("-p", program().path()), source, module);
    prints(program().onModulePath("readme/readme.Trainer"));
  }

  private Program program() throws IOException {
    return Program.ofThisJdk()
        .classes(Files.createDirectories(folder.resolve("classes")))
        .option("-Dkrongauss.device=software")
        .option("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
  }

  /** The first Java program of the README. */
  private static String trainer() throws IOException {
    String readme = Files.readString(Path.of(System.getProperty("it.readme")));
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
    if (!block.find()) {
      throw new AssertionError("the README has no Java program");
    }
    return block.group(1);
  }

  private void compile(List<String> path, Path... sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options = new ArrayList<>(path);
    options.addAll(
        List.of(
            "--release",
            "17",
            "-Xlint:all",
            "-Werror",
            "-d",
            folder.resolve("classes").toString()));
    options.add(
        "-Xlint:-requires-automatic"); // JCuda's jars; javac warns of what is required in turn
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(sources))
              .call();
      assertEquals(true, compiled, messages.toString());
    }
  }

  private static void prints(Program.Result result) {
    assertEquals(0, result.status(), result.output());
    assertEquals(UPDATES, lines(result, "update \\d+: objective .*"), result.output());
    assertEquals(1, lines(result, "20 updates .*; best at update .* log loss .*"), result.output());
    assertEquals(1, lines(result, "pixel 400: [0-9.E-]+, was 0[.]0"), result.output());
  }

  private static long lines(Program.Result result, String pattern) {
    return result.output().lines().filter(line -> line.matches(pattern)).count();
  }
}
