package dev.krongauss.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Sgd;
import dev.krongauss.testing.TestDevice;
import dev.krongauss.train.Training.Ending;
import dev.krongauss.train.Training.Result;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loss beyond FP32 ends a training, or its end says so, before updates are given up. */
final class DivergedTrainingTest {
  private static final LossFunction LOSS = Loss.squared();
  private static final int UPDATES = 30; // fewer than the rejections that an optimiser takes

  private static final String WAY_OUT = "; take smaller steps, or give the data a scale near 1";

  private final Device device = TestDevice.get();

  /** Steps after which a square is more than the largest float. */
  enum Kind {
    ADAM(network -> Adam.builder().learningRate(1e20).build(network, LOSS)),
    SGD(network -> Sgd.builder().learningRate(1e25).build(network, LOSS));

    private final Function<Network, Optimizer> builder;

    Kind(Function<Network, Optimizer> builder) {
      this.builder = builder;
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEvaluationEndsIt(Kind kind) {
    try (Network network = network();
        Batches batches = batches();
        Optimizer optimizer = kind.builder.apply(network);
        Evaluation evaluation = Evaluation.of(network, LOSS, rows());
        Training training =
            Training.of(optimizer, batches)
                .evaluate(evaluation)
                .every(1)
                .patience(5)
                .updates(UPDATES)
                .build()) {
      Result result = training.run();
      assertThat(result.ending()).isEqualTo(Ending.DIVERGED);
      assertThat(result.problem())
          .isEqualTo("the objective on held-out rows after update 1 is Infinity" + WAY_OUT);
      assertThat(result.updates()).isEqualTo(1);
      assertThat(result.best()).isEmpty();
      assertThat(training.run())
          .as("again")
          .usingRecursiveComparison()
          .ignoringFields("seconds")
          .isEqualTo(result);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theLastUpdateIsLookedAt(Kind kind) {
    try (Network network = network();
        Batches batches = batches();
        Optimizer optimizer = kind.builder.apply(network);
        Training training = Training.of(optimizer, batches).updates(UPDATES).build()) {
      Result result = training.run();
      assertThat(result.ending()).isEqualTo(Ending.DIVERGED);
      assertThat(result.problem())
          .matches("the loss of the batch of update 30 is (Infinity|NaN)" + WAY_OUT);
      assertThat(result.updates()).isEqualTo(UPDATES);
    }
  }

  private Network network() {
    return Network.input(1).dense(1, Activation.IDENTITY).build(device, 1);
  }

  private Batches batches() {
    return Batches.of(device, rows(), 4, 1);
  }

  private static Dataset rows() {
    return Dataset.supervised("line", new float[] {1, 2, 3, 4}, 1, new float[] {2, 4, 6, 8}, 1);
  }
}
