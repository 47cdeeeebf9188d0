package dev.krongauss.bench.kit;

import dev.krongauss.kernel.KernelTest;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/** The project's test classes that say something about a GPU. */
final class TestClasses {
  private static final String SUFFIX = "Test.class";

  private static final List<String> FOLDERS =
      List.of("kernel", "device", "curvature", "precondition", "net", "optim").stream()
          .map(name -> "dev/krongauss/" + name + "/")
          .toList();

  /** They are SoftCUDA's, need the sources or tools, or are run case by case here. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "dev/krongauss/kernel/KernelTest.class",
          "dev/krongauss/kernel/BudgetTest.class",
          "dev/krongauss/kernel/PrebuiltTest.class",
          "dev/krongauss/kernel/EnginesTest.class",
          "dev/krongauss/kernel/TrappedWaitTest.class",
          "dev/krongauss/kernel/operations/LibraryRowsApartTest.class",
          "dev/krongauss/device/CacheFolderTest.class",
          "dev/krongauss/device/ProcessorsTest.class",
          "dev/krongauss/device/SoftwareDriverTest.class",
          "dev/krongauss/device/KernelsFolderTest.class");

  private TestClasses() {}

  /** Their names, in order: what is new in these packages is found by itself. */
  static List<String> onDevice() throws IOException {
    return files()
        .filter(f -> f.endsWith(SUFFIX) && !LEFT_OUT.contains(f))
        .filter(f -> FOLDERS.stream().anyMatch(f::startsWith))
        .map(f -> f.substring(0, f.length() - ".class".length()).replace('/', '.'))
        .sorted()
        .toList();
  }

  private static Stream<String> files() throws IOException {
    Path place = place();
    if (Files.isRegularFile(place)) {
      try (ZipFile jar = new ZipFile(place.toFile())) {
        return jar.stream().map(Object::toString).toList().stream();
      }
    }
    try (Stream<Path> files = Files.walk(place)) {
      return files.map(f -> place.relativize(f).toString()).toList().stream();
    }
  }

  private static Path place() {
    try {
      return Path.of(KernelTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the place of the test classes is no URI", e);
    }
  }
}
