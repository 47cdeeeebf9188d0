package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Predictions beside training: neither changes a bit of the other. */
final class PredictingThreadsTest {
  private static final int THREADS = 8;

  /** Enough for every kind of update to be enqueued, captured and replayed. */
  private static final int STEPS = 24;

  private static final int INPUTS = 6;
  private static final int OUTPUTS = 3;

  private final Device device = TestDevice.get();
  private final Dataset data = data();

  private enum Kind {
    KFRA(net -> GaussNewton.kfra().build(net, Loss.squared())),
    KFLR(net -> GaussNewton.kflr().scalarStep().build(net, Loss.squared())),
    ADAM(net -> Adam.builder().build(net, Loss.squared()));

    private final Function<Network, Optimizer> build;

    Kind(Function<Network, Optimizer> build) {
      this.build = build;
    }
  }

  /** What training alone gives: its weights at the end, and predictions after each update. */
  private record Alone(float[][] weights, List<float[]> few, List<float[]> many, int graphNodes) {}

  @ParameterizedTest
  @EnumSource
  void predictionsDoNotDisturbTraining(Kind kind) {
    float[][] undisturbed;
    int nodes;
    try (Network net = network();
        Batches batches = Batches.of(device, data, 50, 1);
        Optimizer optimizer = kind.build.apply(net)) {
      for (int k = 0; k < STEPS; k++) {
        optimizer.step(batches.next());
      }
      nodes = optimizer.graphNodes();
      undisturbed = net.weights();
    }
    Alone alone = alone(kind);
    assertThat(nodes).as("updates are replayed").isPositive();
    assertThat(alone.graphNodes).as("and with predictions between them").isEqualTo(nodes);
    assertThat(alone.weights).isDeepEqualTo(undisturbed);
    for (int k = 1; k <= STEPS; k++) {
      assertThat(alone.few.get(k)).as("update %d is seen", k).isNotEqualTo(alone.few.get(k - 1));
    }
  }

  /** Every prediction is that of one update's weights, all rows of it, and later ones later. */
  @ParameterizedTest
  @EnumSource
  void eightThreadsPredictWhileAnotherTrains(Kind kind) throws Exception {
    Alone alone = alone(kind);
    Map<Integer, Integer> few = places(alone.few);
    Map<Integer, Integer> many = places(alone.many);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    AtomicBoolean trained = new AtomicBoolean();
    try (Network net = network();
        Batches batches = Batches.of(device, data, 50, 1);
        Optimizer optimizer = kind.build.apply(net)) {
      List<Future<Integer>> seen = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        boolean long1 = t % 2 == 1;
        seen.add(threads.submit(() -> predict(net, long1, long1 ? many : few, trained)));
      }
      for (int k = 0; k < STEPS; k++) {
        optimizer.step(batches.next());
        if (k == STEPS / 2) {
          Thread.sleep(20); // so that some of them fall in between
        }
      }
      float[][] weights = net.weights();
      trained.set(true);
      for (Future<Integer> each : seen) {
        assertThat(each.get(60, TimeUnit.SECONDS)).as("the last one's update").isEqualTo(STEPS);
      }
      assertThat(weights).isDeepEqualTo(alone.weights);
      assertThat(optimizer.graphNodes()).isEqualTo(alone.graphNodes);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Predicts until training has ended, and once more; the update that the last one saw. */
  private Integer predict(
      Network net, boolean many, Map<Integer, Integer> places, AtomicBoolean trained) {
    float[] rows = rows(many ? manyRows(net) : 2);
    int last = 0;
    boolean more = true;
    while (more) {
      more = !trained.get();
      float[] got = net.predict(rows, rows.length / INPUTS);
      Integer update = places.get(Arrays.hashCode(got));
      assertThat(update).as("weights of one update made all of it").isNotNull();
      assertThat(update).as("no earlier update than before").isGreaterThanOrEqualTo(last);
      last = update;
    }
    return last;
  }

  private Alone alone(Kind kind) {
    try (Network net = network();
        Batches batches = Batches.of(device, data, 50, 1);
        Optimizer optimizer = kind.build.apply(net)) {
      float[] few = rows(2);
      float[] many = rows(manyRows(net));
      List<float[]> ofFew = new ArrayList<>();
      List<float[]> ofMany = new ArrayList<>();
      for (int k = 0; k <= STEPS; k++) {
        ofFew.add(net.predict(few, few.length / INPUTS));
        ofMany.add(net.predict(many, many.length / INPUTS));
        if (k < STEPS) {
          optimizer.step(batches.next());
        }
      }
      return new Alone(net.weights(), ofFew, ofMany, optimizer.graphNodes());
    }
  }

  private int manyRows(Network net) {
    try (Predictor predictor = net.predictor()) {
      return predictor.chunk() + 1; // two chunks
    }
  }

  /** The update of each prediction, by its hash. */
  private static Map<Integer, Integer> places(List<float[]> predictions) {
    Map<Integer, Integer> places = new HashMap<>();
    for (int k = 0; k < predictions.size(); k++) {
      places.put(Arrays.hashCode(predictions.get(k)), k);
    }
    assertThat(places).as("different hashes").hasSize(predictions.size());
    return places;
  }

  private Network network() {
    return Network.input(INPUTS)
        .dense(300, Activation.TANH)
        .dense(OUTPUTS, Activation.IDENTITY)
        .build(device, 3);
  }

  private static float[] rows(int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] rows = new float[n * INPUTS];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) (2 * random.nextDouble() - 1);
    }
    return rows;
  }

  private static Dataset data() {
    float[] inputs = rows(200);
    float[] targets = new float[200 * OUTPUTS];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = (float) Math.sin(3 * inputs[i]);
    }
    return Dataset.supervised("sines", inputs, INPUTS, targets, OUTPUTS);
  }
}
