package dev.krongauss.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Without an optional library the error names the artefact, and what needs none works. */
final class OptionalLibraryTest {
  @TempDir Path folder;

  /** The classes of this package anew, with some packages not there. */
  private static final class Without extends ClassLoader {
    private final String hidden;

    Without(String hidden) {
      super(OptionalLibraryTest.class.getClassLoader());
      this.hidden = hidden;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(hidden)) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("dev.krongauss.table.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  /** Public so that the classes of another loader can be used through it. */
  private static Object read(ClassLoader loader, String method, Class<?>[] types, Object... files)
      throws ReflectiveOperationException {
    Method open = loader.loadClass("dev.krongauss.table.Tabular").getMethod(method, types);
    Object reader = open.invoke(null, files);
    return reader.getClass().getMethod("read").invoke(reader);
  }

  @ParameterizedTest
  @CsvSource({
    "de.siegmar, csv, CSV files need, de.siegmar:fastcsv:4.4.0",
    "ch.randelshofer, csv, CSV files need, ch.randelshofer:fastdoubleparser:2.0.1",
    "ch.randelshofer, libsvm, libsvm files need, ch.randelshofer:fastdoubleparser:2.0.1"
  })
  void theArtefactIsNamed(String hidden, String method, String who, String artefact)
      throws IOException {
    Path file = TableFiles.lines(folder, "t", "1 1:2", "2 1:3");
    assertThatThrownBy(() -> read(new Without(hidden), method, new Class<?>[] {Path.class}, file))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(who, "is not on the class path; add the dependency " + artefact);
  }

  @Test
  void plansAsJson() throws ReflectiveOperationException {
    Method read =
        new Without("com.fasterxml")
            .loadClass("dev.krongauss.table.ColumnPlan")
            .getMethod("ofJson", String.class);
    assertThatThrownBy(() -> read.invoke(null, "{}"))
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("com.fasterxml.jackson.jr:jackson-jr-objects:2.23.0");
  }

  /** NumPy's files need no library. */
  @Test
  void arraysAreReadWithoutAny() throws Exception {
    Path inputs =
        NpyFiles.write(folder.resolve("x.npy"), 1, "<f4", false, new double[][] {{1}, {2}});
    Path targets =
        NpyFiles.write(folder.resolve("y.npy"), 1, "<f4", false, new double[][] {{1}, {4}});
    for (String hidden : new String[] {"de.siegmar", "ch.randelshofer", "com.fasterxml"}) {
      Class<?>[] types = {Path.class, Path.class};
      Object table = read(new Without(hidden), "npy", types, inputs, targets);
      assertThat((String) table.getClass().getMethod("summary").invoke(table)).contains("NumPy");
    }
  }
}
