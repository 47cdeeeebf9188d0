package dev.krongauss;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer of README.md, as it is printed there, compiles and trains. */
final class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("class (\\w+)");
  private static final Pattern OBJECTIVE = Pattern.compile("objective ([-+.e\\d]+)");

  @TempDir private Path folder;

  @Test
  void theTrainerCompilesAndTrains() throws Exception {
    String source = trainer();
    Matcher name = CLASS.matcher(source);
    assertThat(name.find()).as("a class in the first java block of README.md").isTrue();
    compile(source, name.group(1));
    String output = run(name.group(1));
    List<Double> objectives =
        OBJECTIVE.matcher(output).results().map(r -> Double.valueOf(r.group(1))).toList();
    assertThat(objectives).as(output).hasSizeGreaterThan(1);
    assertThat(objectives.get(objectives.size() - 1))
        .as(output)
        .isLessThan(0.8 * objectives.get(0));
    assertThat(output).doesNotContain("rejected");
  }

  private static String trainer() throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(Path.of("README.md")));
    assertThat(block.find()).as("a ```java block in README.md").isTrue();
    return block.group(1);
  }

  private void compile(String source, String name) throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-Xlint:all,-path",
              "-Werror",
              "-proc:none",
              "-d",
              folder.toString(),
              "-cp",
              System.getProperty("java.class.path"));
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
              .call();
      assertThat(compiled).as(messages.toString()).isTrue();
    }
  }

  private String run(String name) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (URLClassLoader loader =
            new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, ReadmeTest.class.getClassLoader());
        PrintStream captured = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return output.toString(StandardCharsets.UTF_8);
  }
}
