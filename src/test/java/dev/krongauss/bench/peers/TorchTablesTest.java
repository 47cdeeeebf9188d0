package dev.krongauss.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.Muon;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.TestDevice;
import dev.krongauss.train.Evaluation;
import dev.krongauss.train.Scores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The scripts that train on targets of their own against this project's optimisers and scores;
 * skipped where no Python has torch. Bounds are of rounding, as in {@link TorchPeersTest}.
 */
final class TorchTablesTest {
  private static final int[] LAYERS = {6, 10, 7, 3};
  private static final int UPDATES = 24;
  private static final int EVERY = 5;
  private static final int BATCH = 32;
  private static final long SEED = 1;

  private static Interpreter.Search python;

  @TempDir private Path folder;

  @BeforeAll
  static void find() {
    python = Interpreter.find(Set.of(Interpreter.Need.TORCH), Map.of());
    if (python.found() == null) {
      System.err.println("SKIPPED: the peers on tables are not tested: " + python.reason());
    }
    assumeTrue(python.found() != null, python.reason());
  }

  private record Trained(List<Double> objectives, List<PeerEvaluation> evaluations) {}

  @ParameterizedTest
  @CsvSource({
    "squared,tanh",
    "squared,leaky_relu:0.125",
    "bernoulli,relu",
    "bernoulli,softplus",
    "softmax,logistic",
    "weighted softmax,tanh",
    "weighted bernoulli,tanh",
    "weighted squared,relu"
  })
  void adamAndItsScoresAreOurs(String loss, String activation) throws Exception {
    PeerRun run = PeerChoice.parse("torch-adam:rate=0.01:halve=10").get(0).run(python.found());
    BiFunction<Network, LossFunction, Optimizer> ours =
        (net, l) -> Adam.builder().learningRate(0.01).halveEvery(10).build(net, l);
    compare(peer(run, loss(loss), activation), ours(ours, loss(loss), activation), 4e-6);
  }

  /** With so little decay it is Adam; with much it is not. */
  @Test
  void adamwIsAdamButForItsDecay() throws Exception {
    LossFunction loss = Loss.softmax();
    Trained ours = ours((net, l) -> Adam.builder().learningRate(0.01).build(net, l), loss, "tanh");
    PeerRun little =
        PeerChoice.parse("torch-adamw:rate=0.01:decay=1e-9").get(0).run(python.found());
    compare(peer(little, loss, "tanh"), ours, 4e-6);
    PeerRun much = PeerChoice.parse("torch-adamw:rate=0.01:decay=5").get(0).run(python.found());
    List<Double> decayed = peer(much, loss, "tanh").objectives();
    assertThat(decayed.get(0)).isCloseTo(ours.objectives().get(0), within(1e-5));
    assertThat(decayed.get(UPDATES - 1)).isGreaterThan(1.01 * ours.objectives().get(UPDATES - 1));
  }

  @ParameterizedTest
  @CsvSource({"single", "foreach", "fused"})
  void everyImplementationIsTheSame(String implementation) throws Exception {
    PeerRun run =
        PeerRun.of(PeerKind.TORCH_ADAMW, python.found())
            .option("--implementation", implementation)
            .option("--weight-decay", "0");
    Trained ours = ours((net, l) -> Adam.builder().build(net, l), Loss.squared(), "tanh");
    compare(peer(run, Loss.squared(), "tanh"), ours, 4e-6);
  }

  @Test
  void muonIsOursButForBfloat16() throws Exception {
    Interpreter.Search search = Interpreter.find(PeerKind.TORCH_MUON);
    if (search.found() == null) {
      System.err.println("SKIPPED: torch-muon on tables is not tested: " + search.reason());
    }
    assumeTrue(search.found() != null, search.reason());
    PeerRun run = PeerChoice.parse("torch-muon:rate=0.01").get(0).run(search.orThrow());
    Trained ours =
        ours((net, l) -> Muon.builder().learningRate(0.01).build(net, l), Loss.softmax(), "tanh");
    compare(peer(run, Loss.softmax(), "tanh"), ours, 0x1p-9);
  }

  /** The rate is so small that no weight changes: the first evaluation stays the best. */
  @Test
  void itStopsWithoutABetterEvaluation() throws Exception {
    PeerRun run = PeerChoice.parse("torch-adam:rate=1e-30").get(0).run(python.found()).stopAfter(2);
    Trained trained = peer(run, Loss.squared(), "tanh");
    assertThat(trained.objectives()).hasSize(3 * EVERY);
    assertThat(trained.evaluations())
        .extracting(PeerEvaluation::update)
        .containsExactly(1L * EVERY, 2L * EVERY, 3L * EVERY);
  }

  /** The script's own words, where Java's check was not asked. */
  @Test
  void aPeerOfAutoencodersSaysSo() throws Exception {
    write(Loss.squared(), "tanh");
    PeerResult result =
        PeerRun.of(PeerKind.TORCH_KFRA, python.found())
            .scripts(Path.of("bench/peers").toAbsolutePath())
            .run(folder, new Limits(UPDATES, Double.POSITIVE_INFINITY), row -> {});
    assertThat(result.failed()).isTrue();
    assertThat(result.failure()).contains("this script trains autoencoders with tanh only");
  }

  private static void compare(Trained theirs, Trained ours, double tolerance) {
    assertThat(theirs.objectives()).hasSize(UPDATES);
    for (int k = 0; k < UPDATES; k++) {
      double wanted = ours.objectives().get(k);
      assertThat(theirs.objectives().get(k))
          .as("objective of update %d", k + 1)
          .isCloseTo(wanted, within(tolerance * wanted));
    }
    assertThat(theirs.evaluations()).hasSameSizeAs(ours.evaluations());
    for (int k = 0; k < theirs.evaluations().size(); k++) {
      PeerEvaluation got = theirs.evaluations().get(k);
      PeerEvaluation wanted = ours.evaluations().get(k);
      assertThat(got.update()).isEqualTo(wanted.update());
      near("objective", got.objective(), wanted.objective(), tolerance);
      near("rmse", got.rmse(), wanted.rmse(), tolerance);
      near("r2", got.r2(), wanted.r2(), 10 * tolerance);
      near("log loss", got.logLoss(), wanted.logLoss(), tolerance);
      near("accuracy", got.accuracy(), wanted.accuracy(), tolerance);
      near("auc", got.auc(), wanted.auc(), tolerance);
    }
  }

  private static void near(String what, double got, double wanted, double tolerance) {
    if (Double.isNaN(wanted)) {
      assertThat(got).as(what).isNaN();
    } else {
      double slack = tolerance * Math.max(1, Math.abs(wanted));
      assertThat(got).as(what).isCloseTo(wanted, within(slack));
    }
  }

  private Trained peer(PeerRun run, LossFunction loss, String activation) throws Exception {
    write(loss, activation);
    List<Double> objectives = new ArrayList<>();
    List<PeerEvaluation> evaluations = new ArrayList<>();
    PeerResult result =
        run.scripts(Path.of("bench/peers").toAbsolutePath())
            .threads(1)
            .evaluations(evaluations::add)
            .run(
                folder,
                new Limits(UPDATES, Double.POSITIVE_INFINITY),
                row -> objectives.add(row.objective()));
    assertThat(result.failure()).isNull();
    return new Trained(objectives, evaluations);
  }

  private void write(LossFunction loss, String activation) throws Exception {
    try (Network network = network(activation)) {
      new PeerProblem(
              data(loss, 100, 1),
              Optional.of(data(loss, 45, 2)),
              EVERY,
              LAYERS,
              activation,
              network.weights(),
              loss,
              BATCH,
              SEED)
          .write(folder, new Limits(UPDATES, Double.POSITIVE_INFINITY));
    }
    assertThat(Files.exists(folder.resolve("held_targets.f32"))).isTrue();
  }

  private static Trained ours(
      BiFunction<Network, LossFunction, Optimizer> make, LossFunction loss, String activation) {
    Trained trained = new Trained(new ArrayList<>(), new ArrayList<>());
    try (Network network = network(activation);
        Batches batches = Batches.of(TestDevice.get(), data(loss, 100, 1), BATCH, SEED);
        Evaluation evaluation = Evaluation.of(network, loss, data(loss, 45, 2));
        Optimizer optimizer = make.apply(network, loss)) {
      for (int k = 1; k <= UPDATES; k++) {
        trained.objectives().add(optimizer.step(batches.next()).loss());
        if (k % EVERY == 0 || k == UPDATES) {
          Scores s = evaluation.scores();
          trained
              .evaluations()
              .add(
                  new PeerEvaluation(
                      "",
                      SEED,
                      k,
                      0,
                      s.objective(),
                      s.rmse(),
                      s.r2(),
                      s.logLoss(),
                      s.accuracy(),
                      s.auc()));
        }
      }
    }
    return trained;
  }

  private static Network network(String activation) {
    Activation hidden =
        switch (activation) {
          case "tanh" -> Activation.TANH;
          case "relu" -> Activation.RELU;
          case "softplus" -> Activation.SOFTPLUS;
          case "logistic" -> Activation.LOGISTIC;
          default -> Activation.leakyRelu(Float.parseFloat(activation.split(":")[1]));
        };
    return Network.input(LAYERS[0])
        .dense(LAYERS[1], hidden)
        .dense(LAYERS[2], hidden)
        .dense(LAYERS[3], Activation.IDENTITY)
        .build(TestDevice.get(), SEED);
  }

  private static LossFunction loss(String name) {
    if (name.startsWith("weighted ")) {
      return Loss.weighted(loss(name.substring("weighted ".length())));
    }
    return switch (name) {
      case "squared" -> Loss.squared();
      case "bernoulli" -> Loss.bernoulli();
      default -> Loss.softmax();
    };
  }

  private static Dataset data(LossFunction loss, int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] inputs = new float[rows * LAYERS[0]];
    boolean weighted = loss.name().startsWith("weighted");
    int m = weighted ? 4 : 3;
    float[] targets = new float[rows * m];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) random.nextDouble(-1, 1);
    }
    for (int n = 0; n < rows; n++) {
      float sum = inputs[6 * n] + inputs[6 * n + 1] * inputs[6 * n + 2];
      int group = sum > 0.3 ? 2 : sum > -0.3 ? 1 : 0;
      for (int i = 0; i < 3; i++) {
        float number = i == 2 ? 1 : sum * (i + 1); // the last target is constant
        float bit = random.nextDouble() < 0.1 || sum * (i - 0.5) > 0 ? 1 : 0;
        targets[m * n + i] =
            switch (loss.name().replace("weighted ", "")) {
              case "squared" -> number;
              case "bernoulli" -> bit;
              default -> i == group ? 1 : 0;
            };
      }
    }
    for (int n = 0; n < rows && weighted; n++) {
      targets[m * n + 3] = (n % 4) / 2f;
    }
    return Dataset.supervised("table", inputs, LAYERS[0], targets, m);
  }
}
