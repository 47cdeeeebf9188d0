package dev.krongauss.bench.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.net.Activation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What is taken for a table where nothing is said, and what options name. */
final class TableProblemTest {
  @Test
  void aBatchIsATenthOfTheRowsWithinBounds() {
    assertThat(TableProblem.defaultBatch(50)).isEqualTo(50);
    assertThat(TableProblem.defaultBatch(240)).isEqualTo(100);
    assertThat(TableProblem.defaultBatch(5_995)).isEqualTo(599);
    assertThat(TableProblem.defaultBatch(16_512)).isEqualTo(1000);
  }

  @Test
  void manyInputsHaveWiderLayers() {
    assertThat(TableProblem.defaultHidden(99)).containsExactly(100, 50);
    assertThat(TableProblem.defaultHidden(100)).containsExactly(500, 250);
  }

  @Test
  void wordsOfOptions() {
    assertThat(TableWords.hidden(" 30, 20,1")).containsExactly(30, 20, 1);
    assertThat(TableWords.hidden("none")).isEmpty();
    assertThat(TableWords.activation("ReLU")).isSameAs(Activation.RELU);
    assertThat(TableWords.activation("leaky_relu:0.01")).hasToString("leaky_relu(0.01)");
    assertThat(TableWords.delimiter("tab")).isEqualTo('\t');
    assertThat(TableWords.delimiter("|")).isEqualTo('|');
    assertThatThrownBy(() -> TableWords.hidden("100001"))
        .hasMessageContaining("--hidden 100001: '100001' is no number of units")
        .hasMessageContaining("from 1 to 100,000");
  }

  @Test
  void waysOutAreOptions() {
    assertThat(
            OptionNames.in(
                "say drop(\"the id\"), keep(\"id\") or task(CLASSES); inOrder() and another"
                    + " seed(...), delimiter(...), positive('yes'), for (example)"))
        .isEqualTo(
            "say --drop 'the id', --keep id or --task classes; --in-order and another seed,"
                + " --delimiter, --positive yes, for (example)");
  }

  /** What a summary advises can be typed. */
  @Test
  void soAreThoseOfASummary() {
    assertThat(OptionNames.in("as labels are; task(REGRESSION) takes them; say transposed())"))
        .isEqualTo("as labels are; --task regression takes them; say --transposed)");
  }

  @Test
  void aLinearModelHasOneLayer() {
    NetworkShape shape = NetworkShape.of(7, List.of(), Activation.TANH, 2);
    assertThat(shape).hasToString("7-2");
    assertThat(shape.parameters()).isEqualTo(2 * 8);
  }

  @Test
  void aNameIsAPapersDataAndAnythingElseAFile() {
    assertThat(problem()).isEmpty();
    assertThat(problem("--data", "MNIST")).contains(PaperProblem.MNIST);
    Problem file = problem("--data", "pom.xml", "--hidden", "9").orElseThrow();
    assertThat(file.isTable()).isTrue();
    assertThat(file).hasToString("pom.xml");
    assertThat(((TableProblem) file).hidden()).contains(List.of(9));
  }

  private static Optional<Problem> problem(String... arguments) {
    Holder holder = new Holder();
    CommandLine line = new CommandLine(holder);
    line.parseArgs(arguments);
    return holder.options.problem(line);
  }

  @CommandLine.Command(name = "test")
  private static final class Holder {
    @CommandLine.Mixin private final TableOptions options = new TableOptions();
  }
}
