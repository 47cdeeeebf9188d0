package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.quiet;
import static dev.krongauss.table.TableFiles.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Number, category, constant, key, missing: what is found in a column and what is made of it. */
final class ColumnKindsTest {
  @TempDir Path folder;

  @Test
  void categoriesBecomeOneHotInOrder() throws IOException {
    Path file = lines(folder, "t", "sex,y", "M,1", "F,2", "I,4", "F,8");
    Tabular table = quiet(Tabular.csv(file)).task(Task.REGRESSION).read();
    assertThat(table.plan().inputNames()).containsExactly("sex=F", "sex=I", "sex=M");
    assertThat(table.training().inputs()).containsExactly(0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0);
  }

  @Test
  void aConstantIsLeftOutAndSaid() throws IOException {
    Path file = lines(folder, "t", "a,c,t,y", "1,3,x,1", "2,3.0,x,2", "5,3,x,4");
    Tabular table = quiet(Tabular.csv(file)).task(Task.REGRESSION).read();
    assertThat(table.plan().leftOut())
        .containsExactly(
            new LeftOut("c", "3 in every training row"),
            new LeftOut("t", "'x' in every training row"));
    assertThat(table.plan().inputNames()).containsExactly("a");
    assertThat(table.summary())
        .contains("left out: c (3 in every training row)", "left out: t ('x' in every");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "NA", "na", "N/A", "n/a", "NaN", "nan", "NULL", "null", "?", " ", "\"\""})
  void everyWayToBeMissing(String token) throws IOException {
    Path file = lines(folder, "t", "a,c,y", "1,u,1", token + "," + token + ",2", "4,v,9");
    Tabular table = quiet(Tabular.csv(file)).task(Task.REGRESSION).read();
    assertThat(table.plan().inputNames())
        .containsExactly("a", "a missing", "c=u", "c=v", "c missing");
    assertThat(table.plan().inputs().get(0)).isEqualTo(Column.number("a", 2.5, 1.5, true));
    assertThat(table.training().inputs())
        .containsExactly(-1, 0, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0);
    assertThat(table.summary())
        .contains("missing in 1 row: the mean, with a value that says so")
        .contains("missing in 1 row: no category")
        .contains("missing: empty cells and NA, N/A, NaN, null, ?, in any case");
  }

  @Test
  void missingInHeldOutRowsAloneHasNoValueOfItsOwn() throws IOException {
    Path file = lines(folder, "t", "a,y", "1,1", "3,2", "?,9", "5,4");
    Tabular table = quiet(Tabular.csv(file)).task(Task.REGRESSION).heldOut(0.5).inOrder().read();
    assertThat(table.plan().inputNames()).containsExactly("a");
    assertThat(table.heldOut().orElseThrow().inputs()).containsExactly(0, 3);
    assertThat(table.summary()).contains("of held-out rows alone");
  }

  @Test
  void missingEverywhereIsLeftOut() throws IOException {
    Path file = lines(folder, "t", "a,b,y", "NA,1,1", ",3,2", "?,0,5");
    Tabular table = quiet(Tabular.csv(file)).task(Task.REGRESSION).read();
    assertThat(table.plan().leftOut()).containsExactly(new LeftOut("a", "missing in every row"));
  }

  @Test
  void aCategoryOfHeldOutRowsAloneIsNoneAndSaid() throws IOException {
    Path file = lines(folder, "t", "c,y", "u,1", "v,2", "w,9", "u,4");
    Tabular table = quiet(Tabular.csv(file)).task(Task.REGRESSION).heldOut(0.5).inOrder().read();
    assertThat(table.plan().inputNames()).containsExactly("c=u", "c=v");
    assertThat(table.heldOut().orElseThrow().inputs()).containsExactly(0, 0, 1, 0);
    assertThat(table.summary())
        .contains("note: column 'c': 1 cell with values that the training rows do not have ('w')");
  }

  @Test
  void codesThatAreDeclaredAreCategories() throws IOException {
    Path file = lines(folder, "t", "zip,y", "01234,1", "1234,2", "01234,9", "99,4");
    Tabular table = quiet(Tabular.csv(file)).category("zip").task(Task.REGRESSION).read();
    assertThat(table.plan().inputs().get(0).categories()).containsExactly("99", "01234", "1234");
    assertThat(table.training().inputs()).containsExactly(0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0);
  }

  @Test
  void textAmongNumbersIsRefusedUnlessDeclared() throws IOException {
    Path file = lines(folder, "t", "a,y", "1,1", "2,2", "abc,3", "4,9");
    assertRefused(
        Tabular.csv(file).target("y"),
        file,
        "line 4, column 'a': 'abc' is text, but the 2 values before it are numbers",
        "write NA",
        "category(\"a\")");
    Path first = lines(folder, "f", "a,y", "abc,1", "2,2", "3,9");
    assertRefused(
        Tabular.csv(first).target("y"),
        first,
        "line 2, column 'a': 'abc' is text, but line 3 has the number 2, as 2 lines have one");
    assertThat(
            quiet(Tabular.csv(file)).category("a").task(Task.REGRESSION).read().plan().inputWidth())
        .isEqualTo(4);
    Path comma = lines(folder, "c", "a;y", "1;1", "2,5;2", "3;9");
    assertRefused(Tabular.csv(comma), comma, "'2,5' is text", "decimals are written with a point");
  }

  @ParameterizedTest
  @ValueSource(strings = {"count", "falling", "gaps", "text"})
  void whatLooksLikeAKeyIsRefusedUnlessKept(String kind) throws IOException {
    StringBuilder rows = new StringBuilder("id,a,y\n");
    for (int i = 1; i <= 30; i++) {
      String key =
          switch (kind) {
            case "count" -> "" + i;
            case "falling" -> "" + (500 - 3 * i);
            case "gaps" -> "" + i * i;
            default -> "name " + i;
          };
      rows.append(key).append(',').append(i % 7).append(',').append(i % 5 + 0.5).append('\n');
    }
    Path file = text(folder, "t", rows.toString());
    assertRefused(
        Tabular.csv(file), file, "column 'id' has another", "drop(\"id\")", "keep(\"id\")");
    Tabular kept = quiet(Tabular.csv(file)).keep("id").read();
    assertThat(kept.plan().inputs()).extracting(Column::name).containsExactly("id", "a");
    Tabular dropped = quiet(Tabular.csv(file)).drop("id").read();
    assertThat(dropped.plan().leftOut()).containsExactly(new LeftOut("id", "dropped, as told"));
    assertThat(dropped.plan().inputs()).extracting(Column::name).containsExactly("a");
  }

  /** A whole-number column that is no key: it goes up and down, or a value comes twice. */
  @Test
  void otherWholeNumbersAreNumbers() throws IOException {
    StringBuilder rows = new StringBuilder("a,b,y\n");
    for (int i = 0; i < 40; i++) {
      rows.append(i / 2).append(',').append(i * 17 % 40).append(',').append(i * 0.5).append('\n');
    }
    Tabular table = quiet(Tabular.csv(text(folder, "t", rows.toString()))).read();
    assertThat(table.plan().inputNames()).containsExactly("a", "b");
  }

  @Test
  void moreThanAThousandCategoriesAreRefused() throws IOException {
    StringBuilder rows = new StringBuilder("c,y\nv0,3\n");
    for (int i = 0; i < 1001; i++) {
      rows.append('v').append(i).append(',').append(i % 9 + 0.5).append('\n');
    }
    Path many = text(folder, "many", rows.toString());
    assertRefused(
        Tabular.csv(many), many, "column 'c' has more than 1,000 different texts, as 'v0'", "drop");
    Path keys = text(folder, "keys", rows.toString().replace("v0,3\n", ""));
    assertRefused(
        Tabular.csv(keys), keys, "another text in every one of the first 1,000 rows", "drop");
    assertRefused(Tabular.csv(keys).keep("c"), keys, "more than 1,000 different texts");
  }

  @Test
  void aDeviationBeyondADoubleIsRefused() throws IOException {
    Path file = lines(folder, "t", "a,y", "1e-300,1", "-1e-300,2", "0,9");
    assertRefused(
        Tabular.csv(file).task(Task.REGRESSION), file, "column 'a'", "out of a double's range");
  }

  @Test
  void namesInSettingsMustBeThere() throws IOException {
    Path file = lines(folder, "t", "alpha,beta,price", "1,2,3", "2,5,4", "0,0,9");
    assertRefused(
        Tabular.csv(file).target("Prise"), file, "target 'Prise'", "did you mean 'price'");
    assertRefused(
        Tabular.csv(file).keep("zzzzzzzz"), file, "keep 'zzzzzzzz'", "there are alpha, beta");
    assertRefused(Tabular.csv(file).drop("alpa"), file, "drop 'alpa'", "did you mean 'alpha'?");
    assertRefused(Tabular.csv(file).category("betta"), file, "category 'betta'", "'beta'");
    assertRefused(Tabular.csv(file).heldOutBy("x"), file, "heldOutBy 'x' is not a column");
    assertRefused(Tabular.csv(file).target("beta").drop("beta"), file, "contradict each other");
    assertRefused(Tabular.csv(file).keep("beta").drop("beta"), file, "contradict each other");
    assertRefused(Tabular.csv(file).target("alpha", "beta", "price"), file, "no column is left");
    assertRefused(Tabular.csv(file).drop("alpha", "beta"), file, "no column is left as an input");
  }
}
