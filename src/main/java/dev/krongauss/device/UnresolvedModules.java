package dev.krongauss.device;

import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Jars of native libraries that lie on the module path as modules which no module requires, so that
 * the JVM leaves them out: {@code org.lwjgl.natives}, and OpenBLAS', which could not be required
 * without the Java classes that it requires in turn.
 */
final class UnresolvedModules {
  private static final Set<String> NAMES =
      Set.of("org.lwjgl.natives", "org.bytedeco.openblas.linux.x86_64");

  private static List<ModuleReference> found;

  private UnresolvedModules() {}

  /** Opens a resource, or returns null if none of these modules is on the module path with it. */
  static InputStream open(String name) throws IOException {
    for (ModuleReference module : modules()) {
      ModuleReader reader = module.open();
      Optional<InputStream> in = reader.open(name);
      if (in.isPresent()) {
        return new WithReader(in.get(), reader);
      }
      reader.close();
    }
    return null;
  }

  private static synchronized List<ModuleReference> modules() throws IOException {
    if (found == null) {
      found = find(System.getProperty("jdk.module.path", ""));
    }
    return found;
  }

  private static List<ModuleReference> find(String modulePath) throws IOException {
    try {
      ModuleFinder finder =
          ModuleFinder.of(
              Stream.of(modulePath.split(File.pathSeparator))
                  .filter(entry -> !entry.isEmpty())
                  .map(Path::of)
                  .toArray(Path[]::new));
      return NAMES.stream().sorted().flatMap(module -> finder.find(module).stream()).toList();
    } catch (FindException e) {
      throw new IOException("the module path " + modulePath + " cannot be read", e);
    }
  }

  /** Closes the jar with the stream. */
  private static final class WithReader extends FilterInputStream {
    private final ModuleReader reader;

    WithReader(InputStream in, ModuleReader reader) {
      super(in);
      this.reader = reader;
    }

    @Override
    public void close() throws IOException {
      try (reader) {
        super.close();
      }
    }
  }
}
