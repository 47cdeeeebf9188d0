package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be written is named, with the cause and a way out. */
final class WholeFileTest {
  @TempDir private Path folder;

  @Test
  void aFolderThatIsNotThereIsNamed() {
    Path file = folder.resolve("models").resolve("x.onnx");
    refused(
        file, "%s cannot be written: there is no folder %s, so make it", file, file.getParent());
  }

  @Test
  void aFolderIsNoFile() {
    refused(folder, "'%s' is a folder; give the name of a file in it", folder);
    refused(Path.of("."), "'.' is a folder");
    refused(Path.of("/"), "'/' is a folder");
  }

  @Test
  void aNameThatIsTooLongIsNamed() {
    Path file = folder.resolve("x".repeat(300));
    refused(file, "%s cannot be written: File name too long (in folder %s", file, folder);
  }

  /** As on a full disk. */
  @Test
  void whatFailsInBetweenLeavesTheOlderFile() throws IOException {
    Path file = Files.writeString(folder.resolve("x"), "old");
    assertThatThrownBy(
            () ->
                WholeFile.replace(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.allocate(3));
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + " cannot be written: No space left on device (in folder ")
        .hasMessageEndingWith("; an older one is as it was");
    assertThat(file).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  private static void refused(Path file, String message, Object... values) {
    assertThatThrownBy(() -> WholeFile.replace(file, channel -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(message.formatted(values));
  }
}
