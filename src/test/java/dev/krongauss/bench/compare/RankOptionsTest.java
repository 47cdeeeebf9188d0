package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.net.Activation;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Options of {@code bench/compare} that ranks have. */
final class RankOptionsTest {
  private static final Map<String, String> SECOND_OF_TWO =
      Map.of("PMI_RANK", "1", "PMI_SIZE", "2", "MPI_LOCALRANKID", "1");

  @Test
  void chunksAreForOneProcessToo() {
    CompareOptions options = parsed(Map.of(), "--chunks 4 --optimizers kfra,muon,sgd");
    assertThat(options.asMap()).containsEntry("chunks", 4).containsEntry("ranks", 1);
    assertThat(options.noCosts).isFalse();
    assertThat(parsed(Map.of(), "").asMap()).containsEntry("chunks", null);
  }

  @Test
  void ranksAreTheLaunchers() {
    CompareOptions options = parsed(SECOND_OF_TWO, "--chunks 2 --updates 3 --optimizers kfra");
    assertThat(options.ranks.launched.rank()).isEqualTo(1);
    assertThat(options.asMap()).containsEntry("ranks", 2).containsEntry("engine", "mpi");
    assertThat(options.noCosts).isTrue();
  }

  /** Beside what it shares out others may run, which have all of their state. */
  @Test
  void shardsNeedALayerForEachRank() {
    String words = "--chunks 2 --shard --updates 3 --optimizers kfac,adam,exact";
    CompareOptions options = parsed(SECOND_OF_TWO, words);
    assertThat(options.asMap()).containsEntry("shard", true);
    assertThat(parsed(Map.of(), "").asMap()).containsEntry("shard", false);
    CommandLine command = new CommandLine(new Holder(options));
    options.ranks.checkShares(command, shape(5), 2);
    assertThatThrownBy(() -> options.ranks.checkShares(command, shape(), 2))
        .isInstanceOf(ParameterException.class)
        .hasMessage(
            "rank 1 of 2 by mpirun of MPICH: --shard gives each rank a layer at least, and 4-3 has"
                + " 1; start fewer ranks, or leave it out");
  }

  @Test
  void chunksNeedARowEach() {
    CompareOptions options = parsed(Map.of(), "--chunks 8 --updates 3");
    CommandLine command = new CommandLine(new Holder(options));
    options.ranks.checkShares(command, shape(5), 8);
    assertThatThrownBy(() -> options.ranks.checkShares(command, shape(5), 7))
        .isInstanceOf(ParameterException.class)
        .hasMessage(
            "--chunks 8: each has a row at least, and a batch has 7; give fewer, or a larger"
                + " --batch");
  }

  private static NetworkShape shape(Integer... hidden) {
    return NetworkShape.of(4, List.of(hidden), Activation.TANH, 3);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "1, --chunks 3, --chunks 3: batches are cut into 1",
        "1, --chunks 32, --chunks 32: batches are cut into 1",
        "1, --chunks 8 --optimizers auto, auto chooses by whole batches",
        "1, --chunks 8 --optimizers kfra:paper:momentum, momentum of second-order updates",
        "1, --rank-timeout 0, --rank-timeout 0: give seconds",
        "1, --shard, add --chunks 8",
        "1, --shard --chunks 8, kfra:paper has one step length for all",
        "2, --shard --chunks 8 --updates 3 --optimizers adam, --shard has no effect on [adam]",
        "2, --updates 3, rank 1 of 2 by mpirun of MPICH: each rank takes chunks of a batch",
        "2, --chunks 1 --updates 3, --chunks is 1; give at least as many as ranks",
        "2, --chunks 8, ranks stop together",
        "2, --chunks 8 --updates 3 --seconds 4, ranks stop together",
        "2, --chunks 8 --updates 300 --optimizers adam --grid, --grid and --peer are for one",
        "6, --chunks 8 --updates 3, rank 1 of 6 by mpirun of MPICH: ranks have equal shares",
      })
  void whatRanksCannotDoIsRefused(int size, String words, String message) {
    Map<String, String> environment = new HashMap<>();
    if (size > 1) {
      environment.putAll(SECOND_OF_TWO);
      environment.put("PMI_SIZE", String.valueOf(size));
    }
    assertThatThrownBy(() -> parsed(environment, words))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aLaunchersContradictionIsAWrongOption() {
    assertThatThrownBy(() -> parsed(Map.of("PMI_RANK", "0"), ""))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("PMI_SIZE is not set");
  }

  private static CompareOptions parsed(Map<String, String> environment, String words) {
    CompareOptions options = new CompareOptions();
    CommandLine command = new CommandLine(new Holder(options));
    command.parseArgs(words.isEmpty() ? new String[0] : words.split(" "));
    OptionChecks.complete(command, options, Path.of("no such project"), environment);
    return options;
  }

  @CommandLine.Command(name = "test")
  private static final class Holder {
    @CommandLine.Mixin private final CompareOptions options;

    Holder(CompareOptions options) {
      this.options = options;
    }
  }
}
