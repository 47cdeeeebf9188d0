package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** IDX files of every type and rank. */
final class IdxTypesTest {
  @TempDir Path folder;

  private Path write(IdxType type, double[] values, int... shape) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * shape.length + values.length * type.bytes());
    bytes.put((byte) 0).put((byte) 0).put((byte) type.code()).put((byte) shape.length);
    for (int size : shape) {
      bytes.putInt(size);
    }
    for (double value : values) {
      switch (type) {
        case UNSIGNED_BYTE, SIGNED_BYTE -> bytes.put((byte) (int) value);
        case SHORT -> bytes.putShort((short) value);
        case INT -> bytes.putInt((int) value);
        case FLOAT -> bytes.putFloat((float) value);
        default -> bytes.putDouble(value);
      }
    }
    return Files.write(folder.resolve("file.idx"), bytes.array());
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeExactly(IdxType type) throws IOException {
    double most =
        switch (type) {
          case UNSIGNED_BYTE -> 255;
          case SIGNED_BYTE -> -128;
          case SHORT -> -32768;
          case INT -> Integer.MIN_VALUE;
          case FLOAT -> Float.MIN_VALUE;
          case DOUBLE -> Math.PI;
        };
    Idx idx = Idx.readAny(write(type, new double[] {1, 2, most, 4, 5, 6}, 2, 3));
    assertThat(idx.type()).isEqualTo(type);
    assertThat(idx.count()).isEqualTo(2);
    assertThat(idx.width()).isEqualTo(3);
    assertThat(idx.number(0, 2)).isEqualTo(most);
    assertThat(idx.number(1, 2)).isEqualTo(6);
    assertThat(idx.floats(1, 1, 2)).containsExactly(2, 2.5f, 3);
  }

  @Test
  void everyRank() throws IOException {
    for (int rank = 1; rank <= 6; rank++) {
      int[] shape = new int[rank];
      Arrays.fill(shape, 2);
      double[] values = new double[1 << rank];
      values[values.length - 1] = 7;
      Idx idx = Idx.readAny(write(IdxType.INT, values, shape));
      assertThat(idx.shape()).isEqualTo(shape);
      assertThat(idx.number(1, idx.width() - 1)).isEqualTo(7);
    }
  }

  @Test
  void transposedItems() throws IOException {
    double[] values = {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60};
    for (IdxType type : new IdxType[] {IdxType.UNSIGNED_BYTE, IdxType.DOUBLE}) {
      Idx turned = Idx.readAny(write(type, values, 2, 2, 3)).transposed();
      assertThat(turned.shape()).containsExactly(2, 3, 2);
      assertThat(turned.floats(0, 2, 1)).containsExactly(1, 4, 2, 5, 3, 6, 10, 40, 20, 50, 30, 60);
      assertThat(turned.transposed().floats(0, 2, 1)[1]).isEqualTo(2);
    }
    Idx flat = Idx.readAny(write(IdxType.INT, values, 4, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(flat::transposed)
        .withMessageContaining("4 x 3; only items of two dimensions or more");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x07, 0x0a, 0x0f})
  void typesThatAreNone(int code) throws IOException {
    Path file = write(IdxType.INT, new double[] {1}, 1);
    byte[] bytes = Files.readAllBytes(file);
    bytes[2] = (byte) code;
    Files.write(file, bytes);
    assertThatThrownBy(() -> Idx.readAny(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("begins with 00 00 %02x 01".formatted(code))
        .hasMessageContaining("a type (08, 09, 0b, 0c, 0d or 0e)");
  }

  @Test
  void lengthsAreThoseOfTheType() throws IOException {
    Path file = write(IdxType.DOUBLE, new double[] {1, 2}, 3);
    assertThatThrownBy(() -> Idx.readAny(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cut short: 2 values, but an array of 3 has 3");
    Path more = write(IdxType.SHORT, new double[] {1, 2, 3}, 2);
    assertThatThrownBy(() -> Idx.readAny(more))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has 2 bytes after the 2 values");
  }
}
