package dev.krongauss.data;

import static dev.krongauss.data.StreamedRowsFixture.BATCH;
import static dev.krongauss.data.StreamedRowsFixture.PER_EPOCH;
import static dev.krongauss.data.StreamedRowsFixture.ROWS;
import static dev.krongauss.data.StreamedRowsFixture.data;
import static dev.krongauss.data.StreamedRowsFixture.same;
import static dev.krongauss.data.StreamedRowsFixture.threads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Device;
import dev.krongauss.device.Usage;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.StepReport;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that a thread reads ahead: those that are sent, bit for bit. */
@Timeout(120)
final class StreamedBatchesTest {
  private final Device device = TestDevice.get();

  @AfterEach
  void noThreadIsLeft() {
    assertThat(threads()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void areThoseThatAreSent(boolean autoencoder) {
    Dataset data = data(autoencoder);
    try (Batches sent = Batches.of(device, data, BATCH, 3);
        Batches streamed = Batches.streamed(device, data, BATCH, 3)) {
      for (int k = 0; k < 3 * PER_EPOCH + 1; k++) {
        same(sent.next(), streamed.next());
      }
      // Back, ahead of what was read ahead, and to where it stands already.
      for (long position : new long[] {1, 5 * PER_EPOCH + 2, 5 * PER_EPOCH + 6, 1L << 40}) {
        sent.seek(position);
        streamed.seek(position);
        for (int k = 0; k < PER_EPOCH; k++) {
          same(sent.next(), streamed.next());
        }
      }
    }
  }

  /** Several at once, nothing waited for in between: each keeps its own rows. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void ofAShardAreItsRows(int size) {
    Dataset data = data(false);
    List<Batches> sent = new ArrayList<>();
    List<Batches> streamed = new ArrayList<>();
    try {
      for (int rank = 0; rank < size; rank++) {
        sent.add(Batches.shard(device, data, BATCH, 7, rank, size));
        streamed.add(Batches.streamed(device, data, BATCH, 7, rank, size));
      }
      for (int k = 0; k < 2 * PER_EPOCH; k++) {
        List<Batch> got = streamed.stream().map(Batches::next).toList();
        for (int rank = 0; rank < size; rank++) {
          same(sent.get(rank).next(), got.get(rank));
        }
      }
      assertThat(threads()).isEqualTo(size);
    } finally {
      sent.forEach(Batches::close);
      streamed.forEach(Batches::close);
    }
  }

  /** Updates that nobody waits for, enqueued faster than they are done: graphs, and a refresh. */
  @Test
  void trainAsThoseThatAreSent() {
    assertThat(losses(true)).isEqualTo(losses(false)).hasSize(14).doesNotHaveDuplicates();
  }

  private List<Double> losses(boolean streams) {
    Dataset data = Curves.generate(48, 1);
    try (Network net =
            Network.input(data.inputWidth())
                .dense(9, Activation.TANH)
                .dense(data.inputWidth(), Activation.IDENTITY)
                .build(device, 1);
        Batches batches =
            streams ? Batches.streamed(device, data, 8, 1) : Batches.of(device, data, 8, 1);
        GaussNewton optimizer = GaussNewton.kfra().build(net, Loss.bernoulli())) {
      List<StepReport> reports = new ArrayList<>();
      for (int k = 0; k < 14; k++) {
        reports.add(optimizer.step(batches.next()));
      }
      return reports.stream().map(StepReport::loss).toList();
    }
  }

  /** While it is filled, while it waits, with copies in flight; and twice. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 9})
  void endTheirThreadAndGiveMemoryBack(int taken) {
    device.synchronize();
    Usage before = device.usage();
    Batches streamed = Batches.streamed(device, data(true), BATCH, 1);
    for (int k = 0; k < taken; k++) {
      streamed.next();
    }
    streamed.close();
    streamed.close();
    assertThat(threads()).isZero();
    assertThat(device.usage().deviceBytes()).isEqualTo(before.deviceBytes());
    assertThat(device.usage().pinnedBytes()).isEqualTo(before.pinnedBytes());
    assertThatThrownBy(streamed::next)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("are closed");
  }

  /** The device's end is theirs, before memory goes that the thread writes to. */
  @Test
  void endWithTheirDevice() {
    Device own = Device.open();
    Batches streamed = Batches.streamed(own, data(false), BATCH, 1);
    streamed.next();
    own.close();
    assertThat(threads()).isZero();
    streamed.close();
  }

  /** Two in pinned memory and one on the device beside the batch, however many are taken. */
  @Test
  void memoryIsBounded() {
    long before = device.usage().deviceBytes();
    long pinned = device.usage().pinnedBytes();
    try (Batches sent = Batches.of(device, data(false), BATCH, 1)) {
      long batch = device.usage().deviceBytes() - before;
      try (Batches streamed = Batches.streamed(device, data(false), BATCH, 1)) {
        for (int k = 0; k < 11; k++) {
          streamed.next();
          assertThat(device.usage().deviceBytes() - before).isEqualTo(3 * batch);
          assertThat(device.usage().pinnedBytes() - pinned).isEqualTo(4 * batch);
        }
      }
      sent.next();
    }
  }

  @Test
  void aBatchMustFitTheData() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Batches.streamed(device, data(true), ROWS + 1, 1))
        .withMessageContaining("choose 1 to 23");
  }
}
