package dev.krongauss.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a plan says of its inputs and outputs, and its way to JSON and back. */
final class ColumnPlanTest {
  private static final Column AGE = Column.number("age", 1 / 3.0, Math.PI * 1e-300, true);
  private static final Column SEX =
      Column.category("sex \"\u00fc\n", List.of("M", "=,F\u2028"), false);
  private static final Column TARGET = Column.category("y", List.of("no", "yes"), false);

  private static ColumnPlan plan() {
    return ColumnPlan.of(
        Task.BINARY, List.of(AGE, SEX), List.of(TARGET), List.of(new LeftOut("id", "a key")));
  }

  @Test
  void namesAndWidths() {
    ColumnPlan plan = plan();
    assertThat(plan.inputWidth()).isEqualTo(4);
    assertThat(plan.inputNames())
        .containsExactly("age", "age missing", "sex \"\u00fc\n=M", "sex \"\u00fc\n==,F\u2028");
    assertThat(plan.outputs()).isEqualTo(1);
    assertThat(plan.outputNames()).containsExactly("y=yes");
    assertThat(plan.fileColumns()).containsExactly("age", "sex \"\u00fc\n", "y", "id");
    assertThat(plan).hasToString("binary of y from 2 columns, [n][4] -> [1]");
  }

  /** Also whole numbers, very small and very large ones: the same bits. */
  @Test
  void thereAndBackAgain() {
    ColumnPlan plan = plan();
    assertThat(ColumnPlan.ofJson(plan.toJson())).isEqualTo(plan).hasSameHashCodeAs(plan);
    for (double number :
        new double[] {1, 1e22, Double.MIN_VALUE, Double.MAX_VALUE, 0.1, 1e15 / 3}) {
      ColumnPlan numbers =
          ColumnPlan.of(
              Task.REGRESSION,
              List.of(Column.number("x", -number, number, false)),
              List.of(Column.number("y", 0, 1, false)),
              List.of());
      assertThat(ColumnPlan.ofJson(numbers.toJson())).isEqualTo(numbers);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"krongauss.columns\":1 | \"krongauss.columns\":2 | version 2, and version 1 is known",
        "\"krongauss.columns\":1, | \"\":0, | 'krongauss.columns' is missing",
        "\"task\":\"binary\" | \"task\":\"ranking\" | task ranking: there is none",
        "\"task\":\"binary\" | \"task\":\"binary\",\"speed\":3 | 'speed' is not known",
        "\"task\":\"binary\" | \"task\":7 | 'task' is '7'",
        "\"kind\":\"number\" | \"kind\":\"angle\" | kind 'angle' in inputs",
        "\"indicator\":true | \"indicator\":true,\"log\":true | 'log' is not known",
        "\"file\":\"csv\" | \"file\":\"arff\" | files of the kind 'arff' are not known",
        "\"deviation\": | \"deviation\":-1,\"x\": | deviation -1.0",
        "[\"no\",\"yes\"] | [\"no\"] | has 1 classes",
        "[\"no\",\"yes\"] | [\"no\",1] | '1' in 'categories' is no text",
        "\"reason\":\"a key\" | \"reason\":null | 'reason' is missing",
        "{\"krongauss | [\"krongauss | it is no JSON object"
      })
  void whatIsNotKnownIsNamed(String part, String instead, String said) {
    String json = plan().toJson();
    assertThat(json).contains(part);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ColumnPlan.ofJson(json.replace(part, instead)))
        .withMessageContaining(said);
  }

  @Test
  void otherTextsAreNoPlans() {
    for (String text : new String[] {"", "null", "[]", "7", "{", "{\"a\":1}"}) {
      assertThatIllegalArgumentException()
          .as(text)
          .isThrownBy(() -> ColumnPlan.ofJson(text))
          .withMessageContaining("column plan");
    }
  }

  @Test
  void partsThatDoNotFit() {
    List<Column> none = List.of();
    Column number = Column.number("n", 0, 1, false);
    assertRefused(Task.BINARY, none, List.of(TARGET), "no input column");
    assertRefused(Task.BINARY, List.of(AGE), none, "no target column");
    assertRefused(Task.REGRESSION, List.of(AGE), List.of(TARGET), "'y' is no number column");
    assertRefused(Task.BINARY, List.of(AGE), List.of(number), "has 0 classes");
    assertRefused(Task.BINARY, List.of(AGE, AGE), List.of(TARGET), "'age' is used twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Column.number("n", 0, 0, false))
        .withMessageContaining("column n: mean 0.0 and deviation 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Column.category("n", List.of("a", "a"), false))
        .withMessageContaining("twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Column.category("n", List.of(), false))
        .withMessageContaining("0 categories");
  }

  private static void assertRefused(
      Task task, List<Column> inputs, List<Column> targets, String said) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ColumnPlan.of(task, inputs, targets, List.of()))
        .withMessageContaining(said);
  }

  @Test
  void outputsInTheTargetsUnits() {
    ColumnPlan plan =
        ColumnPlan.of(
            Task.REGRESSION,
            List.of(AGE),
            List.of(Column.number("u", 10, 2, false), Column.number("v", -1, 0.5, false)),
            List.of());
    float[] outputs = {1, 2, -1, 0, 7};
    assertThat(plan.inUnits(outputs, 2)).containsExactly(12, 0, 8, -1);
    assertThat(outputs).containsExactly(1, 2, -1, 0, 7);
    assertThat(plan().inUnits(new float[] {0.25f}, 1)).containsExactly(0.25f);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.inUnits(outputs, 3))
        .withMessageContaining("3 rows of 2 outputs, and 5 values");
  }
}
