package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Passes of a network and operations of a loss that a caller captures, the first of all included:
 * their launches are calls with what memory holds then, and what cannot be captured says so and
 * leaves nothing behind.
 */
final class CapturedPassesTest {
  private static final int N = 37;

  private final Device device = TestDevice.get();
  private final SplittableRandom random = new SplittableRandom(83);

  /** Whatever says that it can be captured. */
  static java.util.stream.Stream<LossSubject> capturable() {
    return LossSubject.all()
        .filter(
            subject -> {
              try (LossFunction.OnDevice operations = subject.loss().on(TestDevice.get())) {
                return operations.capturable();
              }
            });
  }

  @ParameterizedTest
  @MethodSource("capturable")
  void operationsOfALossAreReplayed(LossSubject subject) {
    try (Operands direct = new Operands(subject);
        Operands captured = new Operands(subject);
        Stream s = device.newStream()) {
      captured.operations.reserve(N, subject.outputs(), s);
      long allocations = DriverCalls.counted(device) ? DriverCalls.allocations() : 0;
      Graph graph = s.capture(() -> captured.enqueue(s));
      if (DriverCalls.counted(device)) {
        assertThat(DriverCalls.allocations() - allocations).as("allocations").isZero();
      }
      for (int step = 1; step <= 3; step++) {
        direct.load(step, s);
        captured.load(step, s);
        direct.enqueue(s);
        graph.launch(s);
        assertThat(captured.results(s)).as("step %d", step).isDeepEqualTo(direct.results(s));
      }
    }
  }

  @Test
  void aLossWithoutMemorySaysSo() {
    try (Arena arena = device.newArena("captured loss");
        LossFunction.OnDevice operations = Gaussian.fromPtx().on(device);
        Stream s = device.newStream()) {
      Matrix h = arena.matrix(N, 2, "h");
      Matrix t = arena.matrix(N, 1, "t");
      Matrix v = arena.matrix(N, 2, "v");
      Matrix product = arena.matrix(N, 2, "product");
      Runnable work = () -> operations.curvatureVector(h, t, v, product, s);
      assertThatThrownBy(() -> s.capture(work))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("37 datapoints", "within a capture", "reserve(37, 2, stream)");
      work.run();
      assertThat(s.capture(work).nodes()).as("now it has memory").isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void passesAreReplayed(Operations.Mode mode) {
    Problem.Setup setup = Setups.all().get(4);
    try (Problem direct = setup.open(mode);
        Problem captured = setup.open(mode);
        Arena arena = device.newArena("captured passes");
        Stream s = device.newStream()) {
      captured.network().reserve(setup.datapoints(), s);
      List<Matrix> gradients = new ArrayList<>();
      List<Matrix> replayed = new ArrayList<>();
      List<Matrix> tangents = new ArrayList<>();
      Graph graph = null;
      for (int step = 0; step < 3; step++) {
        if (step == 0) {
          gradients = like(direct.network(), arena);
          replayed = like(captured.network(), arena);
          List<Matrix> into = replayed;
          graph = s.capture(() -> tangents.add(passes(captured, into, s)));
        }
        double[][] X = Problem.random(setup.datapoints(), setup.sizes()[0] + 1, random);
        for (Problem each : List.of(direct, captured)) {
          each.batch().inputs().upload(DeviceBatch.compact(X), s);
        }
        Matrix tangent = passes(direct, gradients, s);
        graph.launch(s);
        assertThat(tangents.get(0).download(s)).isEqualTo(tangent.download(s));
        for (int l = 0; l < gradients.size(); l++) {
          assertThat(replayed.get(l).download(s)).isEqualTo(gradients.get(l).download(s));
        }
      }
    }
  }

  @Test
  void aNetworkWithoutMemorySaysSo() {
    assumeTrue(DriverCalls.counted(device), "only SoftCUDA counts");
    Problem.Setup setup = Setups.all().get(2);
    try (Problem problem = setup.open(Operations.Mode.KERNELS);
        Stream s = device.newStream()) {
      Network network = problem.network();
      long stamp = network.captureStamp();
      assertThatThrownBy(() -> s.capture(() -> network.forward(problem.batch(), s)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("batches of 0", "not of " + setup.datapoints(), "reserve(");
      assertThatThrownBy(() -> s.capture(() -> network.reserve(setup.datapoints(), s)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("cannot take it within a capture");
      assertThat(network.captureStamp()).isEqualTo(stamp);
      network.reserve(setup.datapoints(), s);
      long allocations = DriverCalls.allocations();
      network.forward(problem.batch(), s);
      assertThat(DriverCalls.allocations() - allocations).isZero();
    }
  }

  private static List<Matrix> like(Network network, Arena arena) {
    return network.parameters().stream()
        .map(W -> arena.matrix(W.rows(), W.columns(), "gradient"))
        .toList();
  }

  /** Forwards, backwards and along the gradient; gives the tangent. */
  private static Matrix passes(Problem problem, List<Matrix> gradients, Stream s) {
    Matrix h = problem.network().forward(problem.batch(), s);
    problem.network().backward(h, 0, gradients, s);
    return problem.network().tangent(gradients, s);
  }

  /** A loss with all that its operations read and write. */
  private final class Operands implements AutoCloseable {
    private final LossSubject subject;
    private final LossFunction loss;
    private final LossFunction.OnDevice operations;
    private final Arena arena = device.newArena("captured loss");
    private final Matrix h;
    private final Matrix t;
    private final Matrix v;
    private final List<Matrix> outputs = new ArrayList<>();
    private final Buffer values = arena.floats(N, "values");
    private final Buffer quadratic = arena.floats(N, "quadratic");
    private final Buffer step = arena.ints(1, "step");

    Operands(LossSubject subject) {
      this.subject = subject;
      loss = subject.loss();
      operations = loss.on(device);
      int d = subject.outputs();
      h = arena.matrix(N, d, "h");
      t = arena.matrix(N, loss.targets(d), "t");
      v = arena.matrix(N, d, "v");
      for (int rows : new int[] {N, N * loss.rank(d), d, N, N, N, N}) {
        outputs.add(arena.matrix(rows, d, "output " + outputs.size()));
      }
    }

    void load(int number, Stream s) {
      SplittableRandom own = new SplittableRandom(number);
      h.upload(DeviceBatch.compact(Problem.random(N, h.columns(), own)), s);
      v.upload(DeviceBatch.compact(Problem.random(N, h.columns(), own)), s);
      t.upload(DeviceBatch.compact(subject.targets(own)), s);
      step.uploadInts(new int[] {number}, s);
    }

    void enqueue(Stream s) {
      operations.evaluate(h, t, outputs.get(0), values.pointer(), s);
      operations.squareRoot(h, t, outputs.get(1), s);
      operations.meanHessian(h, t, outputs.get(3), outputs.get(2), s);
      if (loss.canSample()) {
        operations.sampledGradient(h, t, 7, step.pointer(), outputs.get(4), s);
      }
      operations.curvatureVector(h, t, v, outputs.get(5), s);
      operations.hessianVector(h, t, v, outputs.get(6), s);
      operations.hessianProduct(h, t, v, quadratic.pointer(), s);
    }

    float[][] results(Stream s) {
      List<float[]> results = new ArrayList<>();
      results.add(values.downloadFloats(N, s));
      results.add(quadratic.downloadFloats(N, s));
      for (int k = 0; k < outputs.size(); k++) {
        float[] each = outputs.get(k).download(s);
        int d = subject.outputs();
        for (int i = 0; k == 2 && i < each.length; i++) {
          each[i] = i % d > i / d ? 0 : each[i]; // above the diagonal anything may stand
        }
        results.add(each);
      }
      return results.toArray(float[][]::new);
    }

    @Override
    public void close() {
      operations.close();
      arena.close();
    }
  }
}
