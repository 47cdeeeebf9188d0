package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no tables: what is said has file, line, column, value and a way out. */
final class WrongInputTest {
  @TempDir Path folder;

  @Test
  void noFile() {
    Path none = folder.resolve("none.csv");
    assertRefused(Tabular.csv(none), none, "no such file", "give the path of the CSV file");
    assertRefused(Tabular.read(none), none, "no such file");
    assertRefused(Tabular.csv(folder), folder, "is not a file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "\ufeff", "\ufeff\r\n"})
  void anEmptyFile(String content) throws IOException {
    Path file = text(folder, "empty.csv", content);
    assertRefused(Tabular.csv(file), file, "is empty", "a header and rows");
    assertRefused(Tabular.csv(file).noHeader(), file, "is empty");
  }

  @Test
  void aHeaderOnly() throws IOException {
    Path file = lines(folder, "t", "a,b,y");
    assertRefused(Tabular.csv(file), file, "has a header only (a, b, y)", "noHeader()");
  }

  @Test
  void raggedRows() throws IOException {
    Path few = lines(folder, "few", "a,b,y", "1,2,3", "1,2", "1,2,3");
    assertRefused(
        Tabular.csv(few),
        few,
        "line 3: 2 fields, but there are 3 columns",
        "column 'y' is the first");
    Path many = lines(folder, "many", "a,b,y", "\"1\n1\",2,3", "1,2,3,4", "1,2,3");
    assertRefused(Tabular.csv(many), many, "line 4: 4 fields", "'y' is the last column", "quotes");
  }

  @Test
  void duplicateNames() throws IOException {
    Path file = lines(folder, "t", "a,b, a,y", "1,2,3,4");
    assertRefused(Tabular.csv(file), file, "line 1: columns 1 and 3 are both called 'a'", "rename");
  }

  @ParameterizedTest
  @ValueSource(strings = {"inf", "-Infinity", "+INF", "1e999", "-1e400"})
  void infinities(String value) throws IOException {
    Path file = lines(folder, "t", "a,y", "1,1", "2,2", value + ",3");
    assertRefused(Tabular.csv(file), file, "line 4, column 'a': the value is infinite", "NA");
    Path target = lines(folder, "u", "a,y", "1,1", "2," + value, "2,3");
    assertRefused(Tabular.csv(target), target, "line 3, column 'y': the value is infinite");
  }

  @Test
  void aMissingTarget() throws IOException {
    Path file = lines(folder, "t", "a,y", "1,1", "2,", "7,3", "8,NaN");
    assertRefused(
        Tabular.csv(file),
        file,
        "line 3, column 'y': the target is missing, as in 2 rows",
        "remove");
  }

  @Test
  void aTargetOfOneValue() throws IOException {
    Path number = lines(folder, "n", "a,y", "1,7", "2,7.0", "5,7");
    assertRefused(Tabular.csv(number), number, "target 'y' is '7' in every row", "another column");
    Path text = lines(folder, "t", "a,y", "1,u", "2,u", "5,u");
    assertRefused(Tabular.csv(text), text, "target 'y' is 'u' in every row");
  }

  @Test
  void aClassOfHeldOutRowsAlone() throws IOException {
    Path file = lines(folder, "t", "a,y", "1,u", "2,v", "5,u", "4,w");
    assertRefused(
        Tabular.csv(file).heldOut(0.25).inOrder(),
        file,
        "line 5: class 'w' of target 'y' is in held-out rows only (1 of them)",
        "seed(...)");
  }

  @Test
  void textInATarget() throws IOException {
    Path mixed = lines(folder, "m", "a,y", "1,1", "2,high", "5,3");
    assertRefused(
        Tabular.csv(mixed), mixed, "line 3, column 'y': 'high' is text", "category(\"y\")");
    Path text = lines(folder, "t", "a,y", "1,u", "2,v", "5,w");
    assertRefused(
        Tabular.csv(text).task(Task.REGRESSION), text, "target 'y' has texts, as 'u'", "CLASSES");
  }

  @Test
  void oneRow() throws IOException {
    Path file = lines(folder, "t", "a,y", "1,u");
    assertRefused(Tabular.csv(file).heldOut(0.5), file, "has one row", "hold none out");
  }

  @Test
  void settingsOutsideTheirRange() {
    TableReader reader = Tabular.csv(Path.of("t.csv"));
    for (double wrong : new double[] {-0.1, 1, 2, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.heldOut(wrong))
          .withMessageContaining("held out " + wrong);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Task.of("ranking"))
        .withMessageContaining("task ranking", "regression, binary or classes");
    assertThat(Task.of("Binary")).isEqualTo(Task.BINARY);
  }

  @Test
  void filesThatComeInPairs() throws IOException {
    Path npy = TableFiles.bytes(folder, "a.npy", "\u0093NUMPY\1\0xx".getBytes("ISO-8859-1"));
    assertRefused(Tabular.read(npy), npy, "is a .npy file", "give both files");
    Path idx = TableFiles.bytes(folder, "b", new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 5});
    assertRefused(Tabular.read(idx), idx, "is an IDX file", "give both files");
    Path csv = lines(folder, "c.csv", "a,b", "1,2");
    assertRefused(Tabular.read(csv, csv), csv, "neither a .npy nor an IDX file");
  }

  /** Finite in double; what is trained on are floats. */
  @Test
  void numbersBeyondFloats() throws IOException {
    Path file = lines(folder, "t", "a,y", "1,1", "2,2", "1e39,3");
    assertRefused(Tabular.csv(file), file, "line 4, column 'a': 1.0E39 is beyond 3.4028235E38");
    Path target = lines(folder, "u", "a,y", "1,1", "2,-1e300", "2,3");
    assertRefused(Tabular.csv(target), target, "line 3, column 'y': -1.0E300 is beyond");
    Path far = lines(folder, "f", "a,y", "1,1", "1.00001,2", "2,3", "1e38,4");
    assertRefused(
        Tabular.csv(far).task(Task.REGRESSION).heldOut(0.5).inOrder(),
        far,
        "line 5, column 'a': 1.0E38 is out of range beside mean");
    Path farTarget = lines(folder, "ft", "a,y", "1,1", "2,1.00001", "2,3", "1,1e38");
    assertRefused(
        Tabular.csv(farTarget).task(Task.REGRESSION).heldOut(0.5).inOrder(),
        farTarget,
        "line 5, column 'y': 1.0E38 is out of range beside mean");
  }

  /** Their difference is beyond floats, their standardised values are not. */
  @Test
  void numbersAcrossTheRangeOfFloats() throws IOException {
    Path file = lines(folder, "t", "a,y", "-3e38,1", "3e38,2", "-3e38,4", "3e38,9");
    Tabular table = Tabular.csv(file).task(Task.REGRESSION).log(line -> {}).read();
    assertThat(table.training().inputs()).containsExactly(-1, 1, -1, 1);
  }
}
