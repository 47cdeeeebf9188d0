package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.precondition.HostPreconditioner;
import dev.krongauss.precondition.LayerSteps;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.TestDevice;
import dev.krongauss.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;

/** What is closed is of no use. */
final class UseAfterCloseTest {
  private final Device device = TestDevice.get();

  /** Its memory may be somebody else's by now, and a GPU's context ends with a wrong address. */
  @Test
  void whatIsClosedIsOfNoUseAndSaysSo() {
    Stream stream = device.newStream();
    Event event = device.newEvent();
    Network network = DeviceFixture.network(device);
    DeviceBatch batch = DeviceFixture.batch(device);
    List<Optimizer> optimizers =
        List.of(
            GaussNewton.kfra().build(network, Loss.squared()),
            Adam.builder().build(network, Loss.squared()));
    Optimizer undecided = GaussNewton.auto().build(network, Loss.squared());
    undecided.close();
    float[] rows = new float[60];
    Batches batches =
        Batches.of(device, Dataset.supervised("rows", rows, 3, rows.clone(), 3), 4, 1);
    Batch lost = batches.next();
    batches.close();
    LayerSteps steps = LayerSteps.on(device).layer(4, 2).averageOfWeights(0.5).build();
    steps.close();
    Preconditioner preconditioner = Preconditioner.on(device).layer(4, 2).build();
    for (Optimizer optimizer : optimizers) {
      for (int update = 0; update < 3; update++) { // the last one is a graph
        optimizer.step(batch);
      }
    }
    Optimizer left = Adam.builder().build(network, Loss.squared());
    left.step(batch);
    left.step(batch);
    left.step(batch);
    stream.close();
    event.close();
    preconditioner.close();
    optimizers.forEach(Optimizer::close);
    network.close();
    Stream s = device.stream();
    Matrix h = batch.inputs();
    List<ThrowableAssert.ThrowingCallable> uses =
        List.of(
            stream::synchronize,
            stream::capturing,
            () -> stream.clear(h.pointer(), 4),
            () -> stream.capture(() -> {}),
            () -> h.download(stream),
            () -> event.record(s),
            event::done,
            event::synchronize,
            () -> s.await(event),
            preconditioner::restart,
            () -> preconditioner.restart(s),
            () -> preconditioner.refresh(s),
            () -> preconditioner.failure(s),
            () -> preconditioner.rung(s),
            () -> preconditioner.accumulate(0, h, h.columns(2), s),
            () -> preconditioner.accumulateCurvature(0, h, h.rows(0, 2).columns(2), s),
            () -> preconditioner.apply(0, h.rows(0, 2), h.rows(2, 2), s),
            () -> optimizers.get(0).step(batch),
            () -> optimizers.get(1).step(batch),
            () -> left.step(batch),
            () -> undecided.step(batch),
            () -> lost.checkTargets(Loss.squared()),
            batches::next,
            steps::directions,
            steps::averages,
            () -> network.forward(batch, s),
            network::weights,
            () -> network.reserve(3, s));
    for (int i = 0; i < uses.size(); i++) {
      assertThatThrownBy(uses.get(i))
          .as("use %d", i)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageMatching("(?s).*(is|are) closed.*");
    }
    left.close();
    device.synchronize();
    batch.close();
  }

  /** As of try-with-resources in another order. */
  @Test
  void closingAfterTheDeviceDoesNothing() {
    Device own = Device.open();
    List<AutoCloseable> all = new ArrayList<>();
    Dataset rows = Dataset.supervised("rows", new float[60], 3, new float[40], 2);
    Batches batches = Batches.of(own, rows, 4, 1);
    Batches resident = Batches.resident(own, rows, 4, 1);
    Network network = DeviceFixture.network(own);
    all.addAll(List.of(batches, resident, network));
    List<Optimizer> optimizers =
        List.of(
            GaussNewton.kfra().build(network, Loss.squared()),
            GaussNewton.kfra().scalarStep().momentum(true).build(network, Loss.squared()),
            GaussNewton.exact().build(network, Loss.squared()),
            GaussNewton.auto().build(network, Loss.squared()),
            Adam.builder().build(network, Loss.squared()));
    optimizers.forEach(each -> each.step(batches.next()));
    resident.next();
    all.addAll(optimizers);
    all.add(Evaluation.of(network, Loss.squared(), rows));
    all.add(Preconditioner.on(own).layer(4, 2).build());
    all.add(HostPreconditioner.on(own).layer(4, 2).rows(5).build());
    all.add(LayerSteps.on(own).layer(4, 2).build());
    own.close();
    for (AutoCloseable each : all) {
      assertThatCode(each::close).as("%s", each.getClass()).doesNotThrowAnyException();
    }
  }
}
