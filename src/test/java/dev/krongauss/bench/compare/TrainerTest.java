package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A run's batches: sent, or from a copy of the data set on the device. */
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
    assertThat(losses("device")).isEqualTo(sent).hasSize(UPDATES).doesNotHaveDuplicates();
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
      DoubleSupplier updates = trainer.updates();
      List<Double> losses = new ArrayList<>();
      for (int k = 0; k < UPDATES; k++) {
        losses.add(updates.getAsDouble());
      }
      return losses;
    }
  }

  /** By the second update of an epoch. */
  private long sentBytes(String where) {
    System.setProperty("krongauss.bench.rows", where);
    try (Trainer trainer = trainer()) {
      DoubleSupplier updates = trainer.updates();
      updates.getAsDouble();
      long before = device.usage().uploadedBytes();
      updates.getAsDouble();
      return device.usage().uploadedBytes() - before;
    }
  }

  private Trainer trainer() {
    Dataset curves = Curves.generate(32, 1);
    NetworkShape shape =
        NetworkShape.of(curves.inputWidth(), List.of(5), Activation.TANH, curves.inputWidth());
    return new Trainer(
        new Setup(device, rows(curves), 8, Split.none()), shape, Contender.parse("kfra"), 1);
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
