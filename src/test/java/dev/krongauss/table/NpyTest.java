package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.quiet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** NumPy's arrays: every type, version and order that is read, and what is said of the others. */
final class NpyTest {
  private static final double[][] Y = {{0.5}, {1.5}, {-3}};

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<f4", ">f4", "<f8", ">f8", "|i1", "|u1", "|b1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4",
        "<u4", ">u4", "<i8", ">i8", "<u8", ">u8"
      })
  void everyTypeAndVersion(String type) throws IOException {
    double most =
        switch (type.substring(1)) {
          case "b1" -> 1;
          case "i1" -> 127;
          case "u1" -> 255;
          case "i2" -> 32767;
          case "u2" -> 65535;
          case "i4" -> Integer.MAX_VALUE;
          case "u4" -> 0xffffffffL;
          case "i8" -> 0x1p62;
          case "u8" -> 0x1p63 + 0x1p53;
          default -> -0.15625;
        };
    double[][] x = {{0, 1}, {most, 0}, {1, 1}};
    for (int version = 1; version <= 3; version++) {
      for (boolean fortran : new boolean[] {false, true}) {
        Path inputs = NpyFiles.write(folder.resolve("x.npy"), version, type, fortran, x);
        NpyArray array = NpyArray.open(inputs);
        double[] read = new double[6];
        try (NpyArray.Blocks blocks = array.new Blocks()) {
          blocks.read(0, 3, read);
          assertThat(read).containsExactly(0, 1, most, 0, 1, 1);
          blocks.read(1, 1, read);
          assertThat(Arrays.copyOf(read, 2)).containsExactly(most, 0);
        }
      }
    }
  }

  @Test
  void asTrainingData() throws IOException {
    double[][] x = {{1, 10, 5}, {2, 20, 5}, {Double.NaN, 60, 5}};
    Path inputs = NpyFiles.write(folder.resolve("x.npy"), 1, "<f8", true, x);
    Path targets = NpyFiles.write(folder.resolve("y.npy"), 2, ">f4", false, Y);
    Tabular table = quiet(Tabular.read(inputs, targets)).read();
    assertThat(table.plan().inputNames()).containsExactly("input 1", "input 1 missing", "input 2");
    assertThat(table.plan().leftOut())
        .containsExactly(new LeftOut("input 3", "5 in every training row"));
    assertThat(table.plan().outputNames()).containsExactly("target");
    assertThat(table.training().inputs()[0]).isEqualTo(-1);
    try (RowReader later = RowReader.of(table.plan(), inputs)) {
      assertThat(later.next()).isTrue();
      assertThat(later.hasTargets()).isFalse();
      assertThat(Arrays.copyOf(later.inputs(), 9)).isEqualTo(table.training().inputs());
    }
  }

  @Test
  void severalTargetsAndManyRows() throws IOException {
    double[][] x = new double[70_000][1];
    double[][] y = new double[x.length][2];
    for (int n = 0; n < x.length; n++) {
      x[n][0] = n % 7;
      y[n][0] = n;
      y[n][1] = -n;
    }
    Path inputs = NpyFiles.write(folder.resolve("x.npy"), 1, "<f4", false, x);
    Path targets = NpyFiles.write(folder.resolve("y.npy"), 1, "<f8", true, y);
    Tabular table = quiet(Tabular.npy(inputs, targets)).read();
    assertThat(table.plan().outputNames()).containsExactly("target 1", "target 2");
    Column target = table.plan().targets().get(0);
    for (int n = 0; n < x.length; n += 999) {
      double wanted = (n - target.mean()) / target.deviation();
      assertThat(table.training().targets()[2 * n]).isCloseTo((float) wanted, offset());
    }
    Tabular one = quiet(Tabular.npy(inputs, targets)).target("target 2").read();
    assertThat(one.plan().leftOut())
        .containsExactly(new LeftOut("target 1", "a label, and not the target"));
  }

  private static Offset<Float> offset() {
    return Offset.offset(1e-6f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "<f2 ; (3,) ; type <f2",
        "<U5 ; (3,) ; type <U5",
        "|O ; (3,) ; type |O",
        "<c8 ; (3,) ; type <c8",
        "<f4 ; () ; has shape []",
        "<f4 ; (3, 2, 2) ; reshape(len(a), -1)",
        "<f4 ; (0, 2) ; give 1 to",
        "<f4 ; (3, 2) ; make 152"
      })
  void whatIsNotRead(String type, String shape, String said) throws IOException {
    Path inputs = Files.write(folder.resolve("x.npy"), NpyFiles.head(1, type, false, shape));
    Path targets = NpyFiles.write(folder.resolve("y.npy"), 1, "<f4", false, Y);
    assertRefused(Tabular.npy(inputs, targets), inputs, said);
  }

  @Test
  void otherFiles() throws IOException {
    Path targets = NpyFiles.write(folder.resolve("y.npy"), 1, "<f4", false, Y);
    Path zip =
        Files.write(
            folder.resolve("x.npz"), "PK\3\4aaaaaaaaaaa".getBytes(StandardCharsets.US_ASCII));
    assertRefused(Tabular.npy(zip, targets), zip, "it is an .npz archive", "numpy.save");
    byte[] head = NpyFiles.head(1, "<f4", false, "(3,)");
    Path cut = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(head, 40));
    assertRefused(Tabular.npy(cut, targets), cut, "cut short within its head");
    head[6] = 4;
    Path version = Files.write(folder.resolve("v.npy"), head);
    assertRefused(Tabular.npy(version, targets), version, "version 4, and 1 to 3 are read");
    assertRefused(Tabular.npy(folder.resolve("no"), targets), folder.resolve("no"), "no such file");
    Path two = NpyFiles.write(folder.resolve("2.npy"), 1, "<f4", false, new double[][] {{1}, {2}});
    assertRefused(Tabular.npy(two, targets), two, "has 2 rows and", "y.npy 3");
  }
}
