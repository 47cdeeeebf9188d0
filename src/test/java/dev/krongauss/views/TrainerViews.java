package dev.krongauss.views;

import static dev.krongauss.views.Table.homogeneous;
import static dev.krongauss.views.Table.inputs;
import static dev.krongauss.views.Table.outputs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.kernel.Host;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.net.Predictor;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Muon;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Sgd;
import dev.krongauss.testing.Huber;
import dev.krongauss.train.Evaluation;
import dev.krongauss.views.LossViews.GivenBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Networks, optimisers and checkpoints: models and batches whose matrices are views. */
final class TrainerViews {
  /** Of weights after a few updates, whose directions amplify the rounding of sums. */
  static final double UPDATES = 2e-3;

  private static final int N = 21;
  private static final int I = 12;
  private static final int U = 30;
  private static final int O = 6;

  private TrainerViews() {}

  static void add(Table table) {
    networks(table);
    checkpoints(table);
    String constructs = "it takes a model; its updates are a case of step";
    table.writesNothing("optim.GaussNewton.Builder.build/2", constructs);
    table.writesNothing("optim.GaussNewtonSetters.build/2", constructs);
    table.writesNothing("optim.Adam.Builder.build/2", constructs);
    table.writesNothing("optim.Sgd.Builder.build/2", constructs);
    table.writesNothing("optim.Muon.Builder.build/2", constructs);
    table.writesNothing("model.Losses.outputs/2", "it reads shapes");
    table.writesNothing("model.Losses.check/3", "it reads shapes");
    table.writesNothing("model.Parts.new/5", "it says which matrices are written");
    table.writesNothing("train.Training.of/2", "it takes an optimiser; its updates are step's");
    table.writesNothing("train.Evaluation.of/2", "it takes a model; its passes are a case of loss");
    table.run("net.Predictor.forward/1", TrainerViews::prediction);
    table.run("train.Evaluation.loss/1", TrainerViews::evaluation);
    String asStep = "it is step without a report, or a listener";
    table.writesNothing("optim.Optimizer.step/2", asStep);
    table.writesNothing("optim.Optimizer.advance/1", asStep);
    table.writesNothing("optim.GaussNewton.advance/1", asStep);
    table.run("optim.Optimizer.step/1", UPDATES, TrainerViews::firstOrder);
    table.run("optim.GaussNewton.step/2", UPDATES, TrainerViews::secondOrder);
  }

  private static void prediction(Trial t) {
    try (Network net =
            Network.input(I)
                .dense(U, Activation.TANH)
                .dense(O, Activation.IDENTITY)
                .build(t.device(), 1);
        Predictor predictor = net.predictor()) {
      for (int k = 0; k < 3; k++) {
        Host rows = t.random(N, I + 1);
        for (int n = 0; n < N; n++) {
          rows.values()[n * (I + 1) + I] = 1;
        }
        Matrix result = predictor.forward(t.input(rows));
        predictor.stream().copy(result, t.output(N, O));
        predictor.stream().synchronize();
      }
    }
  }

  private static void evaluation(Trial t) {
    Operations operations = new Operations(t.device(), Operations.Mode.KERNELS);
    LossFunction loss = Loss.weighted(Loss.squared());
    try (ViewModel model = new ViewModel(t, operations, N, I, U, O);
        Evaluation evaluation = Evaluation.of(model, loss)) {
      for (int k = 0; k < 3; k++) {
        evaluation.loss(batch(t, loss));
      }
    }
  }

  private static void firstOrder(Trial t) {
    train(t, (model, loss, mode) -> Adam.builder().build(model, loss), Loss.squared());
    train(
        t,
        (model, loss, mode) -> Sgd.builder().momentum(0.5).nesterov(true).build(model, loss),
        Loss.bernoulli());
    train(
        t,
        (model, loss, mode) -> Muon.builder().operations(mode).build(model, loss),
        Loss.squared());
  }

  /** Every method, and every option that holds or moves something shaped like the weights. */
  private static void secondOrder(Trial t) {
    averaging(t); // first, where the weights' rows are as far apart as those of their averages
    train(
        t,
        (model, loss, mode) -> GaussNewton.kfra().operations(mode).build(model, loss),
        Loss.bernoulli());
    train(
        t,
        (model, loss, mode) -> GaussNewton.kflr().operations(mode).build(model, loss),
        Loss.onHost(new Huber(0.5f)));
    train(
        t,
        (model, loss, mode) ->
            GaussNewton.kfac()
                .scalarStep()
                .momentum(true)
                .adaptGamma(true)
                .gammaEvery(2)
                .operations(mode)
                .build(model, loss),
        Loss.weighted(Loss.squared()));
  }

  /** Weights and averages change places, and back. */
  private static void averaging(Trial t) {
    List<GaussNewton> built = new ArrayList<>();
    train(
        t,
        (model, loss, mode) -> {
          GaussNewton.Builder builder = GaussNewton.kfra().averageIterates(0.5).diagnostics(true);
          built.add(builder.operations(mode).build(model, loss));
          return built.get(built.size() - 1);
        },
        Loss.softmax(),
        () -> {
          built.get(built.size() - 1).swapAverages();
          t.verify();
          built.get(built.size() - 1).swapAverages();
        });
  }

  interface Build {
    Optimizer apply(Model model, LossFunction loss, Operations.Mode mode);
  }

  static void train(Trial t, Build build, LossFunction loss) {
    train(t, build, loss, () -> {});
  }

  /** A batch of its own for each update, in whatever layout is next. */
  private static void train(Trial t, Build build, LossFunction loss, Runnable afterUpdate) {
    for (Operations.Mode mode : List.of(Operations.Mode.KERNELS, Operations.Mode.LIBRARIES)) {
      Operations operations = new Operations(t.device(), mode);
      try (ViewModel model = new ViewModel(t, operations, N, I, U, O);
          Optimizer optimizer = build.apply(model, loss, mode)) {
        for (int k = 0; k < 3; k++) {
          optimizer.step(batch(t, loss));
          afterUpdate.run();
        }
        s(t).synchronize();
      }
    }
  }

  private static GivenBatch batch(Trial t, LossFunction loss) {
    Matrix x = t.input(homogeneous(t, N, I + 1));
    int m = loss.targets(O);
    return new GivenBatch(x, t.input(Host.of(N, m, (i, j) -> j == i % O ? 1 : 0.25 * (j / O))));
  }

  private interface Pass {
    void run(Trial t, Network network, Matrix h, Stream s);
  }

  private static void network(Table table, String operation, Pass body) {
    table.run(
        operation,
        t -> {
          for (Operations.Mode mode : List.of(Operations.Mode.KERNELS, Operations.Mode.LIBRARIES)) {
            try (Network network =
                Network.input(I)
                    .dense(U, Activation.TANH)
                    .dense(O, Activation.IDENTITY)
                    .operations(mode)
                    .build(t.device(), 1)) {
              Matrix h = network.forward(batch(t, Loss.squared()), s(t));
              body.run(t, network, h, s(t));
              s(t).synchronize();
            }
          }
        });
  }

  private static void networks(Table table) {
    for (String owner : List.of("model.Model.", "net.Network.")) {
      network(table, owner + "forward/2", TrainerViews::forward);
      network(
          table,
          owner + "backward/4",
          (t, network, h, s) -> {
            Matrix gradient = t.input(t.random(N, O));
            network.backward(gradient, 0, outputs(t, U, I + 1, O, U + 1), s);
            network.backward(gradient, 0.5f, outputs(t, U, I + 1, O, U + 1), s);
          });
      network(
          table,
          owner + "tangent/2",
          (t, network, h, s) -> {
            List<Matrix> D = inputs(t, U, I + 1, O, U + 1);
            s.copy(network.tangent(D, s), t.output(N, O));
          });
    }
    network(
        table,
        "model.LayerTrace.secondDerivative/2",
        (t, network, h, s) -> {
          LayerTrace first = network.traces().get(0);
          first.secondDerivative(t.output(N, U), s);
        });
  }

  /** Also where the next batch begins at the same address, with another stride. */
  private static void forward(Trial t, Network network, Matrix h, Stream s) {
    s.copy(h, t.output(N, O));
    float[] values = homogeneous(t, N, I + 1).values();
    try (Arena arena = t.device().newArena("one place")) {
      long place = arena.floats((long) N * (I + 5), "inputs").pointer();
      List<float[]> results = new ArrayList<>();
      for (int stride : new int[] {I + 5, I + 1}) {
        Matrix x = Matrix.wrap(place, N, I + 1, stride);
        x.upload(values, s);
        results.add(network.forward(new GivenBatch(x, x), s).download(s));
        assertThat(network.traces().get(0).input().download(s)).isEqualTo(values);
      }
      assertThat(results.get(1)).isEqualTo(results.get(0));
    }
  }

  private static void checkpoints(Table table) {
    String asCheckpoint = "a checkpoint walks over it: see weights";
    table.writesNothing("model.State.matrix/2", asCheckpoint);
    table.writesNothing("model.State.matrices/2", asCheckpoint);
    table.writesNothing("model.State.symmetric/2", asCheckpoint);
    table.writesNothing("model.State.symmetrics/2", asCheckpoint);
    table.run(
        "model.Resumable.weights/1",
        t -> {
          Operations operations = Operations.of(t.device());
          Path folder = Files.createTempDirectory("views");
          Path file = folder.resolve("checkpoint.safetensors");
          try (ViewModel saved = new ViewModel(t, operations, N, I, U, O);
              ViewModel loaded = new ViewModel(t, operations, N, I, U, O)) {
            Checkpoint.save(file, s(t), Map.of("weights", Resumable.weights(saved)));
            Checkpoint.load(file, s(t), Map.of("weights", Resumable.weights(loaded)));
          } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
          }
        });
  }

  private static Stream s(Trial t) {
    return t.device().stream();
  }
}
