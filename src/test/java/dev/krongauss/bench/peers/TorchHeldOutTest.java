package dev.krongauss.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.testing.TestDevice;
import dev.krongauss.train.Evaluation;
import dev.krongauss.train.Scores;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Held-out rows of an autoencoder, as a peer that trains nothing else evaluates them. */
final class TorchHeldOutTest {
  private static final int[] LAYERS = {20, 12, 20};
  private static final int BATCH = 64;
  private static final long SEED = 1;
  private static final int UPDATES = 6;

  @TempDir private Path folder;

  /** After six updates they agree as the objectives of {@link TorchPeersTest} do. */
  @Test
  void kfraEvaluatesAsWeDo() throws Exception {
    Interpreter.Search python = Interpreter.find(Set.of(Interpreter.Need.TORCH), Map.of());
    if (python.found() == null) {
      System.err.println("SKIPPED: held-out rows of peers are not tested: " + python.reason());
    }
    assumeTrue(python.found() != null, python.reason());
    Dataset rows = Surface.data(LAYERS[0], SEED);
    Dataset heldOut = Surface.data(LAYERS[0], SEED + 1);
    List<PeerEvaluation> told = new ArrayList<>();
    try (Network network =
            Network.input(LAYERS[0])
                .dense(LAYERS[1], Activation.TANH)
                .dense(LAYERS[2], Activation.IDENTITY)
                .build(TestDevice.get(), SEED);
        Batches batches = Batches.of(TestDevice.get(), rows, BATCH, SEED);
        Evaluation evaluation = Evaluation.of(network, Loss.bernoulli(), heldOut);
        GaussNewton ours = GaussNewton.kfra().scalarStep().build(network, Loss.bernoulli())) {
      new PeerProblem(
              rows,
              Optional.of(heldOut),
              UPDATES,
              LAYERS,
              "tanh",
              network.weights(),
              Loss.bernoulli(),
              BATCH,
              SEED)
          .write(folder, new Limits(UPDATES, Double.POSITIVE_INFINITY));
      PeerResult result =
          PeerRun.of(PeerKind.TORCH_KFRA, python.found())
              .scripts(Path.of("bench/peers").toAbsolutePath())
              .threads(1)
              .evaluations(told::add)
              .run(folder, new Limits(UPDATES, Double.POSITIVE_INFINITY), row -> {});
      assertThat(result.failure()).isNull();
      for (int k = 0; k < UPDATES; k++) {
        ours.step(batches.next());
      }
      Scores scores = evaluation.scores();
      assertThat(told).hasSize(1);
      assertThat(told.get(0).update()).isEqualTo(UPDATES);
      assertThat(told.get(0).objective())
          .isCloseTo(scores.objective(), within(1e-5 * scores.objective()));
      assertThat(told.get(0).accuracy()).isCloseTo(scores.accuracy(), within(1e-3));
      assertThat(told.get(0).auc()).as("grey targets").isNaN();
    }
  }
}
