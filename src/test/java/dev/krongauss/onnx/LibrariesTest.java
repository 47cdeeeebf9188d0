package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.net.ModelFile;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Without a library that is optional, the message names it. */
final class LibrariesTest {
  private static final Path HOME = Path.of(System.getProperty("krongauss.home", ""));

  @ParameterizedTest
  @CsvSource({
    "tribuo-util-onnx, org.tribuo:tribuo-util-onnx:4.3.2, ai.onnx.proto.OnnxMl",
    "protobuf-java, com.google.protobuf:protobuf-java:3.25.8, com.google.protobuf.GeneratedMessageV3"
  })
  void aMissingLibraryIsNamed(String jar, String artifact, String type) throws Exception {
    try (URLClassLoader without = classesWithout(jar)) {
      Class<?> onnx = without.loadClass(Onnx.class.getName());
      Class<?> model = without.loadClass(ModelFile.class.getName());
      Method write = onnx.getMethod("write", model, Path.class);
      assertThat(thrown(write))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "ONNX models need the library %s, and class %s is not on the class path; add %s to the dependencies"
                  .formatted(artifact, type, artifact));
    }
  }

  private static Throwable thrown(Method write) throws IllegalAccessException {
    try {
      write.invoke(null, null, Path.of("model.onnx"));
      return null;
    } catch (InvocationTargetException e) {
      return e.getCause();
    }
  }

  /** The class path of the tests but one jar. */
  private static URLClassLoader classesWithout(String jar) throws MalformedURLException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<URL> urls = new ArrayList<>();
    for (String entry : path.split(":")) {
      if (!Path.of(entry).getFileName().toString().startsWith(jar)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  /** The versions of the messages are those that the build tests with. */
  @Test
  void theVersionsAreThoseOfTheBuild() throws IOException {
    String pom = Files.readString(HOME.resolve("pom.xml")).replaceAll("\\s+", "");
    assertThat(pom)
        .contains("<artifactId>tribuo-util-onnx</artifactId><version>4.3.2</version>")
        .contains("<artifactId>protobuf-java</artifactId><version>3.25.8</version>");
  }
}
