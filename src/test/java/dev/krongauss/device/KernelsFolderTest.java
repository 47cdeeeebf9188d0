package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code krongauss.kernels}: images of a folder go before those of the jar. */
final class KernelsFolderTest {
  private static final List<String> PTX = List.of(".ptx");

  @TempDir private Path folder;

  @AfterEach
  void clear() {
    System.clearProperty("krongauss.kernels");
  }

  @Test
  void aFileOfTheFolderGoesBeforeTheJars() throws IOException {
    byte[] image = "// another".getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("gram.ptx"), image);
    System.setProperty("krongauss.kernels", folder.toString());
    assertThat(Resources.kernels("gram", PTX).get(0).bytes()).isEqualTo(image);
    assertThat(Resources.kernels("reduce", PTX).get(0).bytes())
        .isEqualTo(Resources.read("kernels/reduce.ptx"));
  }

  @Test
  void ptxServesAGpuWhereThereIsNoFatbin() throws IOException {
    Files.writeString(folder.resolve("gram.ptx"), "// another");
    System.setProperty("krongauss.kernels", folder.toString());
    assertThat(Resources.kernels("gram", List.of(".fatbin", ".ptx")).get(0).name())
        .isEqualTo("gram.ptx");
    Files.writeString(folder.resolve("gram.fatbin"), "cubins");
    assertThat(Resources.kernels("gram", List.of(".fatbin", ".ptx")).get(0).name())
        .isEqualTo("gram.fatbin");
  }

  @Test
  void anUnknownKernelIsAnError() {
    assertThatThrownBy(() -> Resources.kernels("none", List.of(".fatbin", ".ptx")))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("none.fatbin or .ptx");
  }

  @Test
  void aFolderThatIsNotThereIsAnError() {
    System.setProperty("krongauss.kernels", folder.resolve("gone").toString());
    assertThatThrownBy(() -> Resources.kernels("gram", PTX))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("gone")
        .hasMessageContaining("no folder");
  }
}
