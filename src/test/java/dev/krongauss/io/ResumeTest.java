package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.DivergenceException;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.GaussNewtonSetters;
import dev.krongauss.optim.Muon;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Sgd;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that goes on from a checkpoint is the run that was never stopped, bit for bit. */
final class ResumeTest {
  private static final int UPDATES = 14;

  /** Scale of inputs that overflow the network: every update is rejected. */
  private static final float HUGE = 8e37f;

  private static final LossFunction LOSS = Loss.softmax();

  @TempDir private Path folder;

  /** Every kind of state; refreshes, reductions and choices of γ fall between and on the stops. */
  enum Kind {
    KFRA {
      @Override
      Optimizer build(Model model) {
        return often(GaussNewton.kfra()).build(model, LOSS);
      }
    },
    KFLR_WITH_EVERYTHING {
      @Override
      Optimizer build(Model model) {
        return often(GaussNewton.kflr())
            .scalarStep()
            .adaptGamma(true)
            .gammaEvery(6)
            .momentum(true)
            .averageIterates(0.9)
            .diagnostics(true)
            .build(model, LOSS);
      }
    },
    KFRA_PAPER {
      @Override
      Optimizer build(Model model) {
        return often(GaussNewton.kfra()).scalarStep().build(model, LOSS);
      }
    },
    /** The drift of the factors says when they are refreshed: at 1, at 6 and some time later. */
    KFRA_AVERAGES {
      @Override
      Optimizer build(Model model) {
        return GaussNewton.kfra().reductionEvery(4).averageIterates(0.9).build(model, LOSS);
      }
    },
    /** Draws targets: their random numbers go on, too. */
    KFAC {
      @Override
      Optimizer build(Model model) {
        return often(GaussNewton.kfac()).build(model, LOSS);
      }
    },
    /** The softmax' G is singular: rungs of the ladder fail, and updates are rejected. */
    FAILING_FACTORS {
      @Override
      Optimizer build(Model model) {
        return often(GaussNewton.kflr()).decay(0).gamma(1e-11).mostRejected(99).build(model, LOSS);
      }
    },
    /** One rejected update is tolerated. */
    GIVING_UP {
      @Override
      Optimizer build(Model model) {
        return Adam.builder().mostRejected(1).build(model, LOSS);
      }
    },
    AUTO {
      @Override
      Optimizer build(Model model) {
        return often(GaussNewton.auto()).build(model, LOSS);
      }
    },
    ADAM {
      @Override
      Optimizer build(Model model) {
        return Adam.builder().learningRate(0.01).halveEvery(5).build(model, LOSS);
      }
    },
    MUON {
      @Override
      Optimizer build(Model model) {
        return Muon.builder().halveEvery(5).weightDecay(0.1).build(model, LOSS);
      }
    },
    NESTEROV {
      @Override
      Optimizer build(Model model) {
        return Sgd.builder().momentum(0.9).nesterov(true).build(model, LOSS);
      }
    };

    abstract Optimizer build(Model model);

    private static GaussNewtonSetters<?> often(GaussNewtonSetters<?> builder) {
      return builder.refreshEvery(3).reductionEvery(4).seed(11);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GIVING_UP")
  void goesOnAsIfNeverStopped(Kind kind) throws Exception {
    List<String> whole;
    float[][] weights;
    try (Run run = new Run(kind, 1)) {
      whole = run.updates(UPDATES);
      weights = run.network.weights();
    }
    if (kind == Kind.FAILING_FACTORS) {
      assertThat(whole.toString()).containsAnyOf("rung", "rejected");
    }
    for (int stop : new int[] {0, 1, 3, 5, 12}) {
      Path file = folder.resolve(kind + "-" + stop);
      List<String> parts = new ArrayList<>();
      try (Run run = new Run(kind, 1)) {
        parts.addAll(run.updates(stop));
        Checkpoint.save(file, run.device.stream(), run.parts());
      }
      // Other weights, and an optimiser that has been elsewhere: all of that must be replaced.
      try (Run run = new Run(kind, 2)) {
        run.updates(stop % 3);
        Checkpoint.load(file, run.device.stream(), run.parts());
        parts.addAll(run.updates(UPDATES - stop));
        assertThat(parts).as("stopped after %d updates", stop).isEqualTo(whole);
        assertThat(Arrays.deepEquals(run.network.weights(), weights)).isTrue();
      }
    }
  }

  /** Two rejected updates and a stop: the next step throws, as it would have without one. */
  @Test
  void aDivergenceIsNotForgotten() throws Exception {
    Path file = folder.resolve("diverged");
    try (Run run = new Run(Kind.GIVING_UP, 1, HUGE)) {
      run.updates(2);
      Checkpoint.save(file, run.device.stream(), run.parts());
    }
    try (Run run = new Run(Kind.GIVING_UP, 2, HUGE)) {
      Checkpoint.load(file, run.device.stream(), run.parts());
      assertThatThrownBy(() -> run.updates(1))
          .isInstanceOf(DivergenceException.class)
          .hasMessageContaining("2 updates in a row were rejected, the last of them update 2");
    }
  }

  /** What a count or a name cannot be is found before the first value is replaced. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "optimizer.method=KFLX",
        "optimizer.steps=-2",
        "optimizer.preconditioner.factors.batchesOfQ1=-1",
        "batches.position=-2"
      })
  void changedTextsThatCannotBeChangeNothing(String change) throws Exception {
    Path file = folder.resolve("saved");
    try (Run run = new Run(Kind.AUTO, 1)) {
      run.updates(12);
      Checkpoint.save(file, run.device.stream(), run.parts());
    }
    String[] text = change.split("=");
    Path changed = withText(file, text[0], text[1]);
    try (Run run = new Run(Kind.AUTO, 2)) {
      List<String> before = run.updates(2);
      float[][] weights = run.network.weights();
      assertThatThrownBy(() -> Checkpoint.loadChanged(changed, run.device.stream(), run.parts()))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("'%s' is ".formatted(text[0]))
          .hasMessageContaining(text[1])
          .hasMessageContaining(" and should be ");
      assertThat(Arrays.deepEquals(run.network.weights(), weights)).isTrue();
      assertThat(run.batches.position()).isEqualTo(before.size());
    }
  }

  /** The file with another text of its metadata, as another program writes it. */
  private Path withText(Path file, String name, String text) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      byte[] head = Safetensors.readHead(file, channel, "checkpoint");
      Safetensors read = Safetensors.read(file, channel, head);
      Map<String, String> about = new LinkedHashMap<>(read.about());
      assertThat(about.put(name, text)).isNotNull();
      byte[] bytes = Files.readAllBytes(file);
      Path changed = folder.resolve("changed");
      Files.write(changed, new Safetensors(about, read.tensors()).head(0));
      return Files.write(
          changed, Arrays.copyOfRange(bytes, head.length, bytes.length), StandardOpenOption.APPEND);
    }
  }

  @Test
  void otherDataOfTheSameShapeAreRefused() throws Exception {
    Path file = folder.resolve("data");
    Dataset data = Dataset.autoencoder("rows", new float[] {1, 2, 3, 4}, 2);
    Dataset other = Dataset.autoencoder("rows", new float[] {1, 2, 3, 5}, 2);
    Device device = TestDevice.get();
    try (Batches batches = Batches.of(device, data, 1, 7);
        Batches others = Batches.of(device, other, 1, 7)) {
      Checkpoint.save(file, device.stream(), Map.of("batches", batches));
      assertThatThrownBy(() -> Checkpoint.load(file, device.stream(), Map.of("batches", others)))
          .hasMessageContaining("its 'batches.data' is rows [2][2], targets = inputs, ");
    }
  }

  /** One network with its optimiser and batches. */
  private static final class Run implements AutoCloseable {
    private final Device device = TestDevice.get();
    private final Network network;
    private final Batches batches;
    private final Optimizer optimizer;

    Run(Kind kind, long seed) {
      this(kind, seed, 1);
    }

    /** Inputs of another scale than 1 meet no tanh, which would bound them. */
    Run(Kind kind, long seed, float scale) {
      network =
          Network.input(6)
              .dense(9, scale == 1 ? Activation.TANH : Activation.RELU)
              .dense(5, scale == 1 ? Activation.TANH : Activation.RELU)
              .dense(4, Activation.IDENTITY)
              .build(device, seed);
      batches = Batches.of(device, data(scale), 16, 7);
      optimizer = kind.build(network);
    }

    /** The reports as they print; what they leave out of a number is in the weights. */
    List<String> updates(int count) {
      return Stream.generate(() -> optimizer.step(batches.next()).toString()).limit(count).toList();
    }

    Map<String, Resumable> parts() {
      Map<String, Resumable> parts = new LinkedHashMap<>();
      parts.put("weights", Resumable.weights(network));
      parts.put("optimizer", optimizer);
      parts.put("batches", batches);
      return parts;
    }

    @Override
    public void close() {
      optimizer.close();
      batches.close();
      network.close();
    }

    private static Dataset data(float scale) {
      Random random = new Random(3);
      float[] inputs = new float[50 * 6];
      float[] targets = new float[50 * 4];
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] = scale * (float) random.nextGaussian();
      }
      for (int n = 0; n < 50; n++) {
        targets[4 * n + random.nextInt(4)] = 1;
      }
      return Dataset.supervised("random", inputs, 6, targets, 4);
    }
  }
}
