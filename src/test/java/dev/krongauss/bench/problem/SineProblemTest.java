package dev.krongauss.bench.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.Sine;
import dev.krongauss.net.Activation;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The generated function as a problem: its rows, network and batch. */
final class SineProblemTest {
  @Test
  void hasRowsToTrainOnAndToJudgeBy() throws IOException {
    ProblemData rows = problem("--data", "Sine").load(null, 5);
    assertThat(rows.training().inputs()).isEqualTo(Sine.train(2, 2000, 5).inputs());
    assertThat(rows.training().targets()).isEqualTo(Sine.train(2, 2000, 5).targets());
    assertThat(rows.heldOut().orElseThrow().inputs()).isEqualTo(Sine.test(2, 2000, 5).inputs());
    assertThat(rows.network(1)).hasToString("2-20-20-1");
    assertThat(rows.network(1).activation()).isSameAs(Activation.TANH);
    assertThat(rows.defaultBatch()).as("all rows").isEqualTo(2000);
    assertThat(rows.table()).isEmpty();
  }

  @Test
  void networkAndSizeAreOptions() {
    Problem named = problem("--data", "sine", "--hidden", "30", "--activation", "softplus");
    SineProblem problem = ((SineProblem) named).sized(4, 9000);
    assertThat(problem)
        .isEqualTo(new SineProblem(4, 9000, List.of(30), Activation.SOFTPLUS))
        .hasToString("sine");
    ProblemData rows = problem.load(null, 1);
    assertThat(rows.network(1)).hasToString("4-30-1");
    assertThat(rows.training().size()).isEqualTo(9000);
    assertThat(rows.defaultBatch()).isEqualTo(4096);
    assertThat(named.isTable()).isFalse();
    assertThat(named.isThePapers()).isFalse();
    assertThat(PaperProblem.CURVES.isThePapers()).isTrue();
  }

  @Test
  void aNumberOfUnitsThatIsNoneIsRefused() {
    assertThatThrownBy(() -> problem("--data", "sine", "--hidden", "20,x"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("--hidden 20,x: 'x' is no number of units");
  }

  private static Problem problem(String... arguments) {
    Holder holder = new Holder();
    CommandLine line = new CommandLine(holder);
    line.parseArgs(arguments);
    Optional<Problem> named = holder.options.problem(line);
    return named.orElseThrow();
  }

  @CommandLine.Command(name = "test")
  private static final class Holder {
    @CommandLine.Mixin private final TableOptions options = new TableOptions();
  }
}
