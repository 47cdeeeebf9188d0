package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.ProblemData;
import dev.krongauss.bench.problem.Split;
import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run's batches: sent, read ahead, or from a copy of the data set on the device. */
final class TrainerTest {
  private static final int UPDATES = 12;

  private final Device device = TestDevice.get();

  @AfterEach
  void forget() {
    System.clearProperty("krongauss.bench.rows");
  }

  /** Three epochs with a refresh in each: every loss is the same to the last bit. */
  @Test
  void whereTheRowsLieChangesNothing() {
    List<Double> sent = losses("host");
    assertThat(losses("streamed")).isEqualTo(sent);
    assertThat(losses("device")).isEqualTo(sent).hasSize(UPDATES).doesNotHaveDuplicates();
  }

  /** Every objective is that of reading each report before the next update, to the last bit. */
  @ParameterizedTest
  @ValueSource(strings = {"kfra", "adam"})
  void lateReadingChangesNothing(String contender) {
    List<Double> late = curve(contender, false);
    assertThat(late).isEqualTo(curve(contender, true)).hasSize(UPDATES).doesNotHaveDuplicates();
  }

  private List<Double> curve(String contender, boolean atOnce) {
    Curve curve = new Curve(contender, 1);
    try (Trainer trainer = trainer(contender)) {
      Supplier<Launched> updates = trainer.updates();
      Supplier<Launched> read =
          () -> {
            double loss = updates.get().loss();
            return () -> loss;
          };
      TrainingLoop.ofUpdates(UPDATES).run(atOnce ? read : updates, curve, point -> {});
    }
    return curve.points().stream().map(Curve.Point::objective).toList();
  }

  @Test
  void onlyThoseOnTheHostAreSent() {
    assertThat(sentBytes("host")).isGreaterThan(sentBytes("device"));
  }

  @Test
  void anotherWordIsRefused() {
    System.setProperty("krongauss.bench.rows", "disk");
    assertThatThrownBy(this::trainer)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("krongauss.bench.rows is 'disk'");
  }

  private List<Double> losses(String where) {
    System.setProperty("krongauss.bench.rows", where);
    try (Trainer trainer = trainer()) {
      Supplier<Launched> updates = trainer.updates();
      List<Double> losses = new ArrayList<>();
      for (int k = 0; k < UPDATES; k++) {
        losses.add(updates.get().loss());
      }
      return losses;
    }
  }

  /** By the second update of an epoch. */
  private long sentBytes(String where) {
    System.setProperty("krongauss.bench.rows", where);
    try (Trainer trainer = trainer()) {
      Supplier<Launched> updates = trainer.updates();
      updates.get().loss();
      long before = device.usage().uploadedBytes();
      updates.get().loss();
      return device.usage().uploadedBytes() - before;
    }
  }

  private Trainer trainer() {
    return trainer("kfra");
  }

  private Trainer trainer(String contender) {
    Dataset curves = Curves.generate(32, 1);
    NetworkShape shape =
        NetworkShape.of(curves.inputWidth(), List.of(5), Activation.TANH, curves.inputWidth());
    return new Trainer(
        new Setup(device, rows(curves), 8, Split.none()), shape, Contender.parse(contender), 1);
  }

  private static ProblemData rows(Dataset data) {
    return new ProblemData(
        data,
        Optional.empty(),
        Loss.bernoulli(),
        "cross-entropy",
        scale -> NetworkShape.autoencoder(data.inputWidth(), scale),
        8,
        Optional.empty());
  }
}
