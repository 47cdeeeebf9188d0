package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.quiet;
import static dev.krongauss.table.TableFiles.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which task a target asks for, and the targets that are made of it. */
final class TargetRuleTest {
  @TempDir Path folder;

  private Path table(String... targets) throws IOException {
    StringBuilder rows = new StringBuilder("a,y\n");
    for (int i = 0; i < targets.length; i++) {
      rows.append(i * 7 % 5).append(',').append(targets[i]).append('\n');
    }
    return text(folder, "t", rows.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "no yes no yes, BINARY, two different",
    "b a c a, CLASSES, 3 different texts",
    "0 1 1 0, BINARY, two different values",
    "2 5 5 2, BINARY, two different values",
    "0 1 2 0 1 2, CLASSES, 3 different whole numbers from 0 to 2",
    "1 2 3 3, CLASSES, 3 different whole numbers from 1 to 3",
    "0 1 3 3, REGRESSION, task(CLASSES) makes each a class",
    "2 3 4 5, REGRESSION, 4 different whole numbers from 2 to 5",
    "0 1 2 2.5, REGRESSION, 4 different numbers from 0 to 2.5",
    "-1 0 1 0, REGRESSION, 3 different whole numbers"
  })
  void byTheRule(String targets, Task wanted, String reason) throws IOException {
    Tabular table = quiet(Tabular.csv(table(targets.split(" ")))).read();
    assertThat(table.task()).isEqualTo(wanted);
    String said = reason.equals("two different") ? "2 different texts" : reason;
    assertThat(table.summary()).contains("task: " + wanted + ", loss ", said);
  }

  @Test
  void twentyCountedNumbersAreClassesAndOneMoreAreNot() throws IOException {
    String[] twenty = new String[40];
    for (int i = 0; i < twenty.length; i++) {
      twenty[i] = String.valueOf(i % 20);
    }
    assertThat(quiet(Tabular.csv(table(twenty))).read().plan().outputs()).isEqualTo(20);
    twenty[39] = "20";
    twenty[38] = "19";
    assertThat(quiet(Tabular.csv(table(twenty))).read().task()).isEqualTo(Task.REGRESSION);
  }

  @Test
  void regressionTargetsAreStandardised() throws IOException {
    Tabular table =
        quiet(Tabular.csv(table("1.5", "3.5", "1.5", "3.5"))).task(Task.REGRESSION).read();
    assertThat(table.plan().targets()).containsExactly(Column.number("y", 2.5, 1, false));
    assertThat(table.training().targets()).containsExactly(-1, 1, -1, 1);
    assertThat(table.plan().outputNames()).containsExactly("y");
    assertThat(table.plan().lossName()).isEqualTo("squared");
  }

  @Test
  void binaryTargetsAreZeroAndOne() throws IOException {
    Path file = table("yes", "no", "no", "yes");
    Tabular table = quiet(Tabular.csv(file)).read();
    assertThat(table.training().targets()).containsExactly(1, 0, 0, 1);
    assertThat(table.plan().outputNames()).containsExactly("y=yes");
    assertThat(table.summary()).contains("1 for 'yes', 0 for 'no'", "loss bernoulli");
    Tabular turned = quiet(Tabular.csv(file)).positive("no").read();
    assertThat(turned.training().targets()).containsExactly(0, 1, 1, 0);
    assertThat(turned.plan().targets().get(0).categories()).containsExactly("yes", "no");
    assertRefused(Tabular.csv(file).positive("noo"), file, "positive('noo')", "did you mean 'no'");
    assertRefused(Tabular.csv(file).positive("no").task(Task.CLASSES), file, "is for two classes");
  }

  @Test
  void numberClassesTurnedTakeTheFastWayToo() throws IOException {
    Path file = table("5", "2", "2", "5");
    Tabular turned = quiet(Tabular.csv(file)).positive("2").read();
    assertThat(turned.training().targets()).containsExactly(0, 1, 1, 0);
    assertThat(turned.plan().outputNames()).containsExactly("y=2");
  }

  @Test
  void classTargetsAreOneHotNumbersInOrder() throws IOException {
    Tabular table = quiet(Tabular.csv(table("10", "9", "2", "9"))).task(Task.CLASSES).read();
    assertThat(table.plan().targets().get(0).categories()).containsExactly("2", "9", "10");
    assertThat(table.plan().outputNames()).containsExactly("y=2", "y=9", "y=10");
    assertThat(table.training().targets()).containsExactly(0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0);
    assertThat(table.plan().lossName()).isEqualTo("softmax");
  }

  @Test
  void equalNumbersAreOneClassHoweverWritten() throws IOException {
    Tabular table =
        quiet(Tabular.csv(table("1", "1.0", "01", "2", "3e0"))).task(Task.CLASSES).read();
    assertThat(table.plan().targets().get(0).categories()).containsExactly("1", "2", "3");
  }

  @Test
  void tasksThatDoNotFitAreRefused() throws IOException {
    Path three = table("a", "b", "c");
    assertRefused(
        Tabular.csv(three).task(Task.BINARY), three, "has 3 different values (a, b, c)", "CLASSES");
    String[] many = new String[1001];
    for (int i = 0; i < many.length; i++) {
      many[i] = String.valueOf(i * 17 % 1001);
    }
    Path numbers = table(many);
    assertRefused(
        Tabular.csv(numbers).task(Task.CLASSES), numbers, "more than 1,000", "task(REGRESSION)");
  }

  @Test
  void severalTargets() throws IOException {
    Path file = text(folder, "s", "u,a,v\n1.5,1,10\n2.5,7,30\n1.5,2,20\n");
    Tabular table = quiet(Tabular.csv(file)).target("v", "u").read();
    assertThat(table.plan().outputNames()).containsExactly("v", "u");
    assertThat(table.training().targetWidth()).isEqualTo(2);
    assertThat(table.training().targets()[1]).isCloseTo(-0.70710678f, offset());
    assertThat(table.summary()).contains("2 targets");
    assertRefused(
        Tabular.csv(file).target("u", "v").task(Task.CLASSES), file, "classes are of one target");
    Path flags = text(folder, "f", "u,a,v\n0,1,no\n1,7,yes\n0,2,yes\n");
    assertRefused(
        Tabular.csv(flags).target("u", "v"), flags, "have two values each", "a model for each");
  }

  private static Offset<Float> offset() {
    return Offset.offset(1e-6f);
  }

  @Test
  void theLastColumnIsTakenAndSaid() throws IOException {
    assertThat(quiet(Tabular.csv(table("1.5", "2", "9"))).read().summary())
        .contains("target: y, taken as nothing else was said, mean 4.16667");
  }

  @Test
  void classWeights() throws IOException {
    Path file = table("a", "b", "a", "a");
    Tabular balanced = quiet(Tabular.csv(file)).classWeights("balanced").read();
    // n / (k n_c): 4 / (2 * 3) and 4 / (2 * 1)
    assertThat(balanced.classWeights()).containsExactly(4 / 6.0, 2.0);
    assertThat(balanced.weighted()).isTrue();
    float a = (float) (4 / 6.0);
    assertThat(balanced.training().targets()).containsExactly(0, a, 1, 2, 0, a, 0, a);
    Tabular told = quiet(Tabular.csv(file)).task(Task.CLASSES).classWeights(" b=0.5 ,a=3").read();
    assertThat(told.training().targets()).containsExactly(1, 0, 3, 0, 1, 0.5f, 1, 0, 3, 1, 0, 3);
    assertThat(told.summary()).contains("loss weighted softmax", "class weights: a=3.00000, b=0.5");
    assertRefused(Tabular.csv(file).classWeights("a=1"), file, "none for class 'b'");
    assertRefused(Tabular.csv(file).classWeights("a=1,c=1"), file, "'c' is no class");
    assertRefused(Tabular.csv(file).classWeights("a=1,b=-1"), file, "'b=-1' is no class=weight");
    assertRefused(Tabular.csv(file).classWeights("heavy"), file, "give balanced");
    assertRefused(Tabular.csv(file).classWeights("a=0,b=0"), file, "are all 0");
    Path numbers = table("1.5", "2", "9");
    assertRefused(Tabular.csv(numbers).classWeights("balanced"), numbers, "for a regression");
  }

  @Test
  void balancedWeightsAreOfTrainingRows() throws IOException {
    Path file = table("a", "b", "a", "a", "b", "b");
    Tabular table =
        quiet(Tabular.csv(file)).classWeights("balanced").heldOut(1 / 3.0).inOrder().read();
    assertThat(table.classWeights()).containsExactly(4 / 6.0, 2.0);
    assertThat(table.heldOut().orElseThrow().targets()).containsExactly(1, 2, 1, 2);
  }
}
