package dev.krongauss.bench.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MAT-files of others and of our own; broken ones say what is wrong with them. */
final class MatFileTest {
  /** What scipy.io.savemat of SciPy 1.17 writes after the header for arrays u and faces. */
  private static final String SCIPY =
      "DgAAAGAAAAAGAAAACAAAAAYAAAAAAAAABQAAAAgAAAACAAAAAwAAAAEAAQB1AAAACQAAADAAAAAA"
          + "AAAAAADwPwAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8OAAAASAAAAAYA"
          + "AAAIAAAACQAAAAAAAAAFAAAACAAAAAMAAAAEAAAAAQAAAAUAAABmYWNlcwAAAAIAAAAMAAAABVWl"
          + "GWm5LX3NQZHhAAAAAA==";

  /** The same with do_compression=True. */
  private static final String SCIPY_COMPRESSED =
      "DwAAACwAAAB4nONjYGBIAGI2IOaA0iDACuUzATEzEDMCYSmQ5gRiAwYY+GBPLA0A+ngIXw8AAAA7"
          + "AAAAeJzjY2Bg8ABiNiDmAGJOBghghfKZgZgFiBmhYmmJyanFQJoJiHlAYqFLJTN36taedZz4EKQP"
          + "AJTIB/w=";

  /** Array faces: value 20 (4 row + column) + 5 in row and column, listed column by column. */
  private static final byte[] VALUES = {
    5, 85, (byte) 165, 25, 105, (byte) 185, 45, 125, (byte) 205, 65, (byte) 145, (byte) 225
  };

  private static final MatFiles LITTLE = new MatFiles(ByteOrder.LITTLE_ENDIAN);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {SCIPY, SCIPY_COMPRESSED})
  void readsWhatSciPyWrites(String elements) throws IOException {
    assertHoldsFaces(LITTLE.file(Base64.getDecoder().decode(elements)));
  }

  static Stream<ByteOrder> orders() {
    return Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
  }

  @ParameterizedTest
  @MethodSource("orders")
  void readsBothByteOrders(ByteOrder order) throws IOException {
    MatFiles write = new MatFiles(order);
    byte[] p = write.array("p", new byte[] {1, 2, 3}, 1, 3); // name and values in the short form
    byte[] faces = write.array("faces", VALUES, 3, 4);
    assertHoldsFaces(write.file(p, faces));
    assertHoldsFaces(write.file(write.compressed(p), write.compressed(faces)));
  }

  private static void assertHoldsFaces(byte[] file) throws IOException {
    MatFile.ByteArray faces = MatFile.read(file, "faces");
    assertThat(faces.sizes()).containsExactly(3, 4);
    assertThat(faces.values()).isEqualTo(VALUES);
  }

  @Test
  void filesThatAreNone() {
    assertBad(
        "<html>not found</html>".getBytes(StandardCharsets.US_ASCII), "no MAT-file: 22 bytes");
    assertBad(new byte[500], "no MAT-file of level 5: bytes 126 and 127 are 00 00");
    byte[] hdf5 = LITTLE.file();
    hdf5[125] = 2;
    assertBad(hdf5, "version 0200 instead of 0100");
  }

  @Test
  void arraysThatAreNotWanted() {
    byte[] other = LITTLE.array("other", VALUES, 3, 4);
    assertBad(LITTLE.file(other), "has no array faces, but [other]");
    assertBad(LITTLE.file(LITTLE.array("faces", VALUES, 3, 5)), "12 values instead of 15");
    byte[] complex = LITTLE.array("faces", VALUES, 3, 4);
    complex[17] |= 8;
    assertBad(LITTLE.file(complex), "array faces is complex");
    byte[] doubles = LITTLE.array("faces", VALUES, 3, 4);
    doubles[56] = 9;
    assertBad(LITTLE.file(doubles), "type 9 where array faces's values, unsigned bytes (type 2)");
  }

  /** Never another exception, never other values, and never all of the memory. */
  @Test
  void cutsAndFlippedBitsAreErrorsOrDoNoHarm() throws IOException {
    byte[] faces = LITTLE.array("faces", VALUES, 3, 4);
    for (byte[] good : new byte[][] {LITTLE.file(faces), LITTLE.file(LITTLE.compressed(faces))}) {
      for (int length = 0; length < good.length - 4; length++) { // four bytes of padding at the end
        byte[] cut = Arrays.copyOf(good, length);
        assertThatThrownBy(() -> MatFile.read(cut, "faces"))
            .as("cut to %d bytes", length)
            .isInstanceOf(FetchException.class);
      }
      for (int bit = 124 * 8; bit < 8 * good.length; bit += 3) {
        byte[] bad = good.clone();
        bad[bit / 8] ^= (byte) (1 << bit % 8);
        Throwable thrown = catchThrowable(() -> MatFile.read(bad, "faces"));
        if (thrown != null) {
          assertThat(thrown).as("bit %d", bit).isInstanceOf(FetchException.class);
        }
      }
    }
  }

  @Test
  void facesOfAnotherSizeAreNotTheOlivettiFile() throws IOException {
    Path mat = folder.resolve("file.mat");
    Files.write(mat, LITTLE.file(LITTLE.array("faces", VALUES, 3, 4)));
    assertThatThrownBy(() -> Olivetti.convert(mat, folder.resolve("idx.gz")))
        .isInstanceOf(FetchException.class)
        .hasMessage("array faces has sizes [3, 4] instead of [4096, 400]");
  }

  private static void assertBad(byte[] file, String part) {
    assertThatThrownBy(() -> MatFile.read(file, "faces"))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining(part);
  }
}
