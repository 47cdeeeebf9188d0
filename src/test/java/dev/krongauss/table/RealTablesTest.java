package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.quiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.data.RealData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Three public tables as they are, against a parse by {@code String.split} and Double. */
final class RealTablesTest {
  private static Path file(String name) {
    return RealData.folderWith("tabular/" + name).resolve("tabular/" + name);
  }

  private static double[][] numbers(Path file, int firstColumn) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return lines.stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .map(
            cells -> {
              double[] row = new double[cells.length - firstColumn];
              for (int c = 0; c < row.length; c++) {
                String cell = cells[c + firstColumn];
                row[c] = cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
              }
              return row;
            })
        .toArray(double[][]::new);
  }

  @Test
  void californiaHousing() throws IOException {
    Path file = file("california_housing.csv");
    Tabular table = quiet(Tabular.csv(file)).target("median_house_value").heldOut(0.2).read();
    assertThat(table.task()).isEqualTo(Task.REGRESSION);
    double[][] rows = numbers(file, 0);
    assertThat(table.trainingRows().length + table.heldOutRows().length).isEqualTo(rows.length);
    assertThat(table.plan().inputs()).hasSize(8);
    int at = 0;
    for (int c = 0; c < 8; c++) {
      Column column = table.plan().inputs().get(c);
      double sum = 0;
      int count = 0;
      for (int row : table.trainingRows()) {
        sum += Double.isNaN(rows[row][c]) ? 0 : rows[row][c];
        count += Double.isNaN(rows[row][c]) ? 0 : 1;
      }
      double mean = sum / count;
      assertThat(column.mean()).isCloseTo(mean, within(Math.abs(mean) * 1e-11));
      for (int n = 0; n < table.trainingRows().length; n += 7) {
        double x = rows[table.trainingRows()[n]][c];
        double z = Double.isNaN(x) ? 0 : (x - column.mean()) / column.deviation();
        float value = table.training().inputs()[n * table.plan().inputWidth() + at];
        assertThat((double) value).isCloseTo(z, within(0x1p-24 * (2 * Math.abs(z) + 8)));
      }
      at += column.width();
    }
  }

  @Test
  void abaloneIsARegressionUnlessTold() throws IOException {
    Path file = file("abalone.csv");
    Tabular table = quiet(Tabular.csv(file)).heldOut(0.2).read();
    assertThat(table.task()).isEqualTo(Task.REGRESSION);
    assertThat(table.plan().inputNames()).startsWith("sex=F", "sex=I", "sex=M", "length");
    assertThat(table.plan().inputWidth()).isEqualTo(10);
    assertThat(table.summary())
        .contains("task: regression, loss squared", "different whole numbers", "task(CLASSES)");
    double[][] rows = numbers(file, 1);
    Column target = table.plan().targets().get(0);
    for (int n = 0; n < table.trainingRows().length; n++) {
      double rings = rows[table.trainingRows()[n]][7];
      double back = table.training().targets()[n] * target.deviation() + target.mean();
      assertThat(back).isCloseTo(rings, within(1e-5));
    }
  }

  @Test
  void pendigitsHasTenClasses() throws IOException {
    Path file = file("pendigits_train.csv");
    Tabular table = quiet(Tabular.csv(file)).read();
    assertThat(table.task()).isEqualTo(Task.CLASSES);
    assertThat(table.plan().outputs()).isEqualTo(10);
    assertThat(table.summary()).contains("10 different whole numbers from 0 to 9, none left out");
    double[][] rows = numbers(file, 0);
    for (int n = 0; n < rows.length; n++) {
      assertThat(table.training().targets()[10 * n + (int) rows[n][16]]).isEqualTo(1);
    }
  }

  @Test
  void mnistWithItsLabels() throws IOException {
    Path folder = RealData.folderWith("mnist/t10k-images-idx3-ubyte.gz").resolve("mnist");
    Tabular table =
        quiet(
                Tabular.read(
                    folder.resolve("t10k-images-idx3-ubyte.gz"),
                    folder.resolve("t10k-labels-idx1-ubyte.gz")))
            .heldOut(0.1)
            .read();
    assertThat(table.task()).isEqualTo(Task.CLASSES);
    assertThat(table.plan().inputWidth()).isEqualTo(784);
    assertThat(table.training().size()).isEqualTo(9000);
    assertThat(table.plan().outputs()).isEqualTo(10);
  }
}
