package dev.krongauss;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A source file that outgrows the house style's size holds a second thing, to be found. */
final class FileSizeTest {
  private static final int MOST_LINES = 300;

  /** Fewer would mean that the wrong folder was searched. */
  private static final int LEAST_FILES = 500;

  private static final List<String> FOLDERS = List.of("src", "bench", "kernels", "native");

  /** Of Java, CUDA and C++. */
  private static final String SOURCE = ".*\\.(java|cu|cuh|cpp|h)";

  private final Path home = Path.of(System.getProperty("krongauss.home", "")).toAbsolutePath();

  @Test
  void noSourceFileIsLongerThanTheHouseStyleAllows() {
    Map<String, Long> lines = new TreeMap<>();
    for (String folder : FOLDERS) {
      try (Stream<Path> files = Files.walk(home.resolve(folder))) {
        files
            .filter(file -> Files.isRegularFile(file) && file.toString().matches(SOURCE))
            .forEach(file -> lines.put(home.relativize(file).toString(), count(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assertThat(lines.size()).as("sources below %s", home).isGreaterThan(LEAST_FILES);
    lines.values().removeIf(count -> count <= MOST_LINES);
    assertThat(lines)
        .as("sources of more than %d lines; find the second thing in each", MOST_LINES)
        .isEmpty();
  }

  private static long count(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
