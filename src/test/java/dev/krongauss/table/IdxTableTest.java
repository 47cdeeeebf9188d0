package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.quiet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.data.IdxFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs of IDX files as tables. */
final class IdxTableTest {
  @TempDir Path folder;

  private Path images() throws IOException {
    Path file = folder.resolve("images.gz");
    IdxFiles.write(file, new byte[] {0, 51, (byte) 255, 102, 0, 0, 1, 2, 0, 5, 5, 5}, 3, 2, 2);
    return file;
  }

  private Path labels(int... labels) throws IOException {
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) labels[i];
    }
    Path file = folder.resolve("labels");
    IdxFiles.write(file, bytes, labels.length);
    return file;
  }

  @Test
  void bytesAreDividedAndNothingIsLeftOut() throws IOException {
    Tabular table = quiet(Tabular.read(images(), labels(0, 1, 2))).read();
    assertThat(table.task()).isEqualTo(Task.CLASSES);
    assertThat(table.plan().inputNames())
        .containsExactly("pixel 1", "pixel 2", "pixel 3", "pixel 4");
    assertThat(Arrays.copyOf(table.training().inputs(), 4))
        .containsExactly(0, 51 / 255f, 1, 102 / 255f);
    assertThat(table.training().targets()).containsExactly(1, 0, 0, 0, 1, 0, 0, 0, 1);
    assertThat(table.summary()).contains("each divided by 255", "EMNIST", "transposed()");
  }

  @Test
  void transposedImages() throws IOException {
    Tabular table = quiet(Tabular.idx(images(), labels(0, 1, 2))).transposed().read();
    assertThat(Arrays.copyOf(table.training().inputs(), 4))
        .containsExactly(0, 1, 51 / 255f, 102 / 255f);
    ColumnPlan plan = ColumnPlan.ofJson(table.plan().toJson());
    try (RowReader rows = RowReader.of(plan, images())) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.rows()).isEqualTo(3);
      assertThat(Arrays.copyOf(rows.inputs(), 12)).isEqualTo(table.training().inputs());
      assertThat(rows.hasTargets()).isFalse();
    }
  }

  /** As QMNIST's: 32-bit integers, eight an item. */
  @Test
  void oneOfSeveralLabels() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(12 + 3 * 8 * 4);
    bytes.putInt(0x0c02).putInt(3).putInt(8);
    for (int i = 0; i < 24; i++) {
      bytes.putInt(i % 8 == 0 ? i / 8 : 1000 * i + i * i);
    }
    Path labels = Files.write(folder.resolve("qmnist"), bytes.array());
    assertRefused(
        Tabular.idx(images(), labels), labels, "8 labels an item", "QMNIST's class is the first");
    Tabular table = quiet(Tabular.idx(images(), labels)).target("label 1").read();
    assertThat(table.plan().targets().get(0).categories()).containsExactly("0", "1", "2");
    assertThat(table.plan().leftOut()).hasSize(7);
    assertThat(table.plan().inputWidth()).isEqualTo(4);
  }

  @Test
  void floatsAreStandardised() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(12 + 3 * 2 * 4);
    bytes.putInt(0x0d02).putInt(3).putInt(2);
    for (float value : new float[] {1, 7, 2, 7, 6, 7}) {
      bytes.putFloat(value);
    }
    Path inputs = Files.write(folder.resolve("floats"), bytes.array());
    Tabular table = quiet(Tabular.idx(inputs, labels(5, 9, 5))).read();
    assertThat(table.plan().inputNames()).containsExactly("pixel 1");
    assertThat(table.plan().inputs().get(0).mean()).isEqualTo(3);
    assertThat(table.training().targets()).containsExactly(0, 1, 0);
  }

  @Test
  void filesThatDoNotFitTogether() throws IOException {
    assertRefused(Tabular.idx(images(), labels(1, 2)), images(), "3 items and", "2; each item has");
    Tabular table = quiet(Tabular.idx(images(), labels(0, 1, 2))).read();
    Path small = folder.resolve("small");
    IdxFiles.write(small, new byte[9], 3, 3);
    assertRefused(
        small, () -> RowReader.of(table.plan(), small), "has 3 columns", "4 without targets");
  }

  @Test
  void aLaterFileOfAnotherTypeIsRefused() throws IOException {
    byte[] bytes = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 51, 102, (byte) 255};
    Path pixels = TableFiles.bytes(folder, "pixels", bytes);
    Path labels = TableFiles.bytes(folder, "labels", new byte[] {0, 0, 8, 1, 0, 0, 0, 2, 3, 7});
    ColumnPlan plan = TableFiles.quiet(Tabular.idx(pixels, labels)).read().plan();
    byte[] shorts = {0, 0, 11, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 51};
    Path other = TableFiles.bytes(folder, "shorts", shorts);
    TableFiles.assertRefused(
        other, () -> RowReader.of(plan, other).close(), "type short", "had unsigned bytes");
    byte[] two = {0, 0, 11, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 51, 0, 9, 0, 4};
    Path trained = TableFiles.bytes(folder, "two", two);
    ColumnPlan ofShorts = TableFiles.quiet(Tabular.idx(trained, labels)).read().plan();
    TableFiles.assertRefused(
        pixels,
        () -> RowReader.of(ofShorts, pixels).close(),
        "type unsigned byte",
        "another type than unsigned bytes");
    RowReader.of(plan, pixels).close();
    RowReader.of(ofShorts, other).close();
  }
}
