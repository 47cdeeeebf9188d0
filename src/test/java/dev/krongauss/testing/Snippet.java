package dev.krongauss.testing;

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
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Java from a page: a whole program, or statements whose first lines name what is given to them,
 * {@code // given: Device device, Network net}.
 */
public final class Snippet {
  private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("public class (\\w+)");
  private static final Pattern GIVEN = Pattern.compile("\\G// given: (.*)\\n");
  private static final String STATEMENTS =
      """
      import static jcuda.driver.JCudaDriver.*;
      import dev.krongauss.curvature.*;
      import dev.krongauss.data.*;
      import dev.krongauss.device.*;
      import dev.krongauss.diagnose.*;
      import dev.krongauss.dist.*;
      import dev.krongauss.io.*;
      import dev.krongauss.model.*;
      import dev.krongauss.net.*;
      import dev.krongauss.onnx.*;
      import dev.krongauss.optim.*;
      import dev.krongauss.precondition.*;
      import dev.krongauss.table.*;
      import dev.krongauss.train.*;
      import java.nio.file.Path;
      import java.util.List;
      import java.util.Map;
      import jcuda.driver.CUstream;
      final class Statements {
        void statements(%s) throws Exception {
      %s
        }
      }
      """;

  private final String source;
  private final String name;
  private final boolean program;

  private Snippet(Path page, String text) {
    Matcher type = CLASS.matcher(text);
    program = type.find();
    if (program) {
      source = text;
      name = type.group(1);
    } else {
      String given =
          GIVEN
              .matcher(text)
              .results()
              .map(line -> line.group(1))
              .collect(Collectors.joining(", "));
      assertThat(given)
          .as("%s: Java that is no program begins with // given: and parameters: %s", page, text)
          .isNotEmpty();
      source = STATEMENTS.formatted(given, text);
      name = "Statements";
    }
  }

  /** All Java blocks of a page, in their order. */
  public static List<Snippet> of(Path page) throws IOException {
    List<Snippet> snippets = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(page));
    while (block.find()) {
      snippets.add(new Snippet(page, block.group(1)));
    }
    return snippets;
  }

  /** Whether it is a whole program, with a public class. */
  public boolean program() {
    return program;
  }

  /**
   * Compiles it with all warnings as errors.
   *
   * @param folder for the source and the classes
   */
  public void compile(Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-Xlint:all,-path,-try",
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
      assertThat(compiled).as("%s%n%s", source, messages).isTrue();
    }
  }

  /**
   * Runs a compiled program.
   *
   * @param folder as given to {@link #compile}
   * @param arguments of the program
   * @return what it printed
   */
  public String run(Path folder, String... arguments) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (URLClassLoader loader =
            new URLClassLoader(new URL[] {folder.toUri().toURL()}, Snippet.class.getClassLoader());
        PrintStream captured = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } finally {
      System.setOut(before);
    }
    return output.toString(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return name;
  }
}
