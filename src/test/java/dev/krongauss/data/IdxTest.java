package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Good files give their values, broken ones say what is wrong with them. */
final class IdxTest {
  /** 2 items of 2 x 3: values 0, 20, 40, ... follow */
  private static final byte[] GOOD = bytes(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsPlainAndGzippedFilesWhateverTheirName(boolean gzip) throws IOException {
    Idx idx = Idx.read(write("file.any", good(), gzip), 2, 2, -1);
    assertThat(idx.shape()).containsExactly(2, 2, 3);
    assertThat(idx.count()).isEqualTo(2);
    assertThat(idx.width()).isEqualTo(6);
    assertThat(idx.value(1, 5)).isEqualTo(220);
    assertThat(idx.floats(1, 1, 10)).containsExactly(12, 14, 16, 18, 20, 22);
  }

  @Test
  void aMissingFile() {
    assertBad(folder.resolve("none"), "no such file");
  }

  @Test
  void aFolder() {
    assertBad(folder, "is not a file");
  }

  @Test
  void anEmptyFile() throws IOException {
    assertBad(write("empty", new byte[0], false), "cut short: 0 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aWrongMagic(int position) throws IOException {
    byte[] bytes = good();
    bytes[position] = 13;
    assertBad(write("magic", bytes, true), "begins with", "0d", "an IDX file of unsigned bytes");
  }

  @Test
  void aHeaderCutShort() throws IOException {
    byte[] bytes = Arrays.copyOf(good(), 10);
    assertBad(write("header", bytes, false), "cut short within its header: 10 of 16 bytes");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void valuesCutShort(boolean gzip) throws IOException {
    byte[] bytes = Arrays.copyOf(good(), 16 + 11);
    assertBad(write("short", bytes, gzip), "cut short: 11 values", "2 x 2 x 3 has 12");
  }

  @Test
  void aGzipStreamCutShortAnywhere() throws IOException {
    byte[] whole = gzipped(good());
    for (int length = 2; length < whole.length; length++) {
      assertBad(write("gz", Arrays.copyOf(whole, length), false), "cut short", "fetch it again");
    }
  }

  @Test
  void aDamagedGzipStream() throws IOException {
    byte[] bytes = gzipped(good());
    bytes[bytes.length - 6] ^= 1; // its checksum
    assertBad(write("crc", bytes, false), "is damaged: gzip reports");
  }

  /** In every byte, each time another bit: an error, or (in what gzip ignores) the same values. */
  @Test
  void aFlippedBitOfAGzipStreamNeverGivesOtherValues() throws IOException {
    byte[] good = gzipped(good());
    float[] values = Idx.read(write("good", good, false)).floats(0, 2, 1);
    for (int bit = 0; bit < 8 * good.length; bit += 7) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      Path file = write("flipped", bad, false);
      Throwable thrown = catchThrowable(() -> assertThat(read(file)).isEqualTo(values));
      if (thrown != null) {
        assertThat(thrown).as("bit %d", bit).isInstanceOf(DataException.class);
      }
    }
  }

  private static float[] read(Path file) throws IOException {
    return Idx.read(file).floats(0, 2, 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bytesAfterTheEnd(boolean gzip) throws IOException {
    byte[] bytes = Arrays.copyOf(good(), 16 + 15);
    assertBad(write("long", bytes, gzip), "has 3 bytes after the 12 values");
  }

  @Test
  void aShapeThatIsNotWanted() throws IOException {
    Path file = write("shape", good(), true);
    assertBad(file, new int[] {2, 28, 28}, "2 x 2 x 3, but 2 x 28 x 28 is wanted");
    assertBad(file, new int[] {2, 6}, "2 x 2 x 3, but 2 x 6 is wanted");
    assertBad(file, new int[] {-1, 2, 4}, "2 x 2 x 3, but n x 2 x 4 is wanted");
  }

  @Test
  void sizesBeyondAnArrayOrBelowOne() throws IOException {
    byte[] huge = bytes(0, 0, 8, 2, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff);
    assertBad(write("huge", huge, false), "2147483647 x 2147483647", "header is damaged");
    byte[] none = bytes(0, 0, 8, 1, 0, 0, 0, 0);
    assertBad(write("none", none, false), "array of 0", "must be positive");
    byte[] negative = bytes(0, 0, 8, 1, 0xff, 0xff, 0xff, 0xfe);
    assertBad(write("negative", negative, false), "must be positive");
  }

  @Test
  void itemsThatAreNotThere() throws IOException {
    Idx idx = Idx.read(write("items", good(), false));
    assertThatThrownBy(() -> idx.floats(1, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds items 0 to 1; cannot give 2 items from 1 on");
  }

  private static void assertBad(Path file, String... parts) {
    assertBad(file, new int[0], parts);
  }

  private static void assertBad(Path file, int[] wanted, String... parts) {
    assertThatThrownBy(() -> Idx.read(file, wanted))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
  }

  private static byte[] good() {
    byte[] bytes = Arrays.copyOf(GOOD, GOOD.length + 12);
    for (int i = 0; i < 12; i++) {
      bytes[GOOD.length + i] = (byte) (20 * i);
    }
    return bytes;
  }

  private Path write(String name, byte[] content, boolean gzip) throws IOException {
    return Files.write(folder.resolve(name), gzip ? gzipped(content) : content);
  }

  private static byte[] gzipped(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
