package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FACES on made-up source images: what needs no photographs. */
final class FacesFileTest {
  private static final String NAME = "olivetti-images-idx3-ubyte.gz";
  private static final int SOURCE_BYTES = 400 * 64 * 64;

  /** Checksums of one patch of each made-up image with seed 1, by version. */
  private static final Map<Integer, String> PINS = Map.of(1, "82def3ab");

  @TempDir private Path folder;

  @Test
  void everyBitOfAVersionIsPinned() throws IOException {
    IdxFiles.write(folder.resolve(NAME), ramps(), 400, 64, 64);
    Idx source = Faces.source(folder);
    float[] patches = new float[400 * Faces.WIDTH];
    for (int image = 0; image < 400; image++) {
      float[] patch = Faces.raw(source, image, image, 1);
      System.arraycopy(patch, 0, patches, image * Faces.WIDTH, Faces.WIDTH);
    }
    Dataset data = Dataset.autoencoder("patches", patches, Faces.WIDTH);
    assertThat(PINS).containsEntry(Faces.VERSION, Statistics.checksum(data));
  }

  @Test
  void aKeptCopyIsOfItsSourceAndSeed() throws IOException {
    Path gzipped = folder.resolve(NAME);
    Path plain = Files.createDirectory(folder.resolve("faces")).resolve(NAME.replace(".gz", ""));
    IdxFiles.write(gzipped, ramps(), 400, 64, 64);
    IdxFiles.write(plain, ramps(), 400, 64, 64);
    CacheKey key = CachedData.facesKey(Faces.source(folder), 1);
    assertThat(key.fileName()).startsWith("faces-train.v" + Faces.VERSION + ".seed1.");
    assertThat(key.fileBytes()).isEqualTo(96 + 4L * 103_500 * 625);
    assertThat(CachedData.facesKey(Faces.source(plain.getParent()), 1)).isEqualTo(key);
    assertThat(CachedData.facesKey(Faces.source(folder), 2)).isNotEqualTo(key);
    byte[] other = ramps();
    other[0]++;
    IdxFiles.write(gzipped, other, 400, 64, 64);
    CacheKey otherKey = CachedData.facesKey(Faces.source(folder), 1);
    assertThat(otherKey.fileName()).isNotEqualTo(key.fileName());
  }

  @Test
  void filesThatAreNotTheOlivettiImages() throws IOException {
    assertBad("no olivetti-images-idx3-ubyte in the data folder", "faces/" + NAME);
    Path file = folder.resolve(NAME);
    IdxFiles.write(file, new byte[SOURCE_BYTES], 400, 4096);
    assertBad(file.toString(), "400 x 4096, but 400 x 64 x 64 is wanted");
    IdxFiles.write(file, new byte[SOURCE_BYTES], 399, 64, 64);
    assertBad(file.toString(), "399 x 64 x 64, but 400 x 64 x 64 is wanted");
    IdxFiles.write(file, new byte[SOURCE_BYTES - 1], 400, 64, 64);
    assertBad(file.toString(), "cut short: 1,638,399 values", "has 1,638,400");
    IdxFiles.write(file, new byte[SOURCE_BYTES + 1], 400, 64, 64);
    assertBad(file.toString(), "has 1 bytes after the 1,638,400 values");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 1000));
    assertBad(file.toString(), "cut short", "fetch it again");
    Files.writeString(file, "<html>not found</html>");
    assertBad(file.toString(), "begins with 3c 68 74 6d");
  }

  private void assertBad(String... parts) {
    assertThatThrownBy(() -> Faces.read(folder, 1))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(parts);
  }

  /** Slopes and steps that differ from image to image. */
  private static byte[] ramps() {
    byte[] values = new byte[SOURCE_BYTES];
    for (int i = 0; i < values.length; i++) {
      int image = i / 4096;
      int row = i / 64 % 64;
      int column = i % 64;
      values[i] = (byte) (image * 3 + row * (image % 5) + column * (image % 7) + row / 9 * 40);
    }
    return values;
  }
}
