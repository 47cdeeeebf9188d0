package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files under the names that archivers, browsers and other libraries leave them with. */
final class DataFolderTest {
  private static final String NAME = "train-images-idx3-ubyte";

  @TempDir private Path folder;

  private Path put(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "x");
  }

  private Path found() throws IOException {
    return DataFolder.find(folder, "mnist", NAME);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train-images-idx3-ubyte",
        "train-images-idx3-ubyte.gz",
        "train-images.idx3-ubyte", // the name within the gzip file
        "train-images.idx3-ubyte.gz",
        "train-images.idx3.ubyte",
        "train_images_idx3_ubyte.gz",
        "TRAIN-IMAGES-IDX3-UBYTE.GZ",
        "Train-Images.idx3-ubyte",
        "mnist/train-images.idx3-ubyte",
        "MNIST/raw/train-images-idx3-ubyte",
        "raw/train-images-idx3-ubyte.gz",
        "train-images-idx3-ubyte/train-images-idx3-ubyte",
        "train-images.idx3-ubyte/train-images.idx3-ubyte",
        "mnist/train-images-idx3-ubyte/train-images.idx3-ubyte.gz"
      })
  void aFileIsFoundUnderItsOtherNames(String name) throws IOException {
    put("train-labels-idx1-ubyte.gz");
    put("t10k-images.idx3-ubyte");
    Path file = put(name);
    assertThat(found()).isEqualTo(file);
  }

  @Test
  void theOwnNameGoesBeforeAnyOther() throws IOException {
    put("train-images.idx3-ubyte");
    put("raw/train-images-idx3-ubyte.gz");
    Path own = put("mnist/train-images-idx3-ubyte");
    assertThat(found()).isEqualTo(own);
  }

  @Test
  void whatLiesThereIsNamedWithTheWayOut() throws IOException {
    assertRefused("the folder is empty");
    put("notes.txt");
    assertRefused("what lies there: notes.txt");
    put("train-images-idx3-ubyte.zip");
    put("train-images-idx3-ubyte (1).gz");
    put("train-images-idx3-ubyte.gz.part");
    put("train-images-idx1-ubyte/readme");
    Files.createSymbolicLink(folder.resolve("train-images-link"), folder.resolve("gone"));
    assertRefused(
        "train-images-idx3-ubyte.zip is there: unpack it",
        "train-images-idx3-ubyte (1).gz is there: if it is that file, rename it to " + NAME,
        "train-images-idx3-ubyte.gz.part is a download that did not end",
        "train-images-idx1-ubyte is a folder without it",
        "train-images-link leads to no file");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(this::found)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no " + NAME + " in the data folder " + folder)
        .hasMessageContaining("give the folder that holds the file")
        .hasMessageContainingAll(parts);
  }

  /** The first bytes tell whether a file is packed, not its name. */
  @Test
  void namesAndPackingMayDisagree() throws IOException {
    byte[] values = {1, 2, 3};
    Path plain = folder.resolve("plain");
    Path packed = folder.resolve("packed.gz");
    IdxFiles.write(plain, values, 3);
    IdxFiles.write(packed, values, 3);
    Files.move(plain, folder.resolve("a.gz"));
    Files.move(packed, folder.resolve("a"));
    assertThat(Idx.read(folder.resolve("a.gz"), 3).bytes()).isEqualTo(values);
    assertThat(Idx.read(folder.resolve("a"), 3).bytes()).isEqualTo(values);
  }
}
