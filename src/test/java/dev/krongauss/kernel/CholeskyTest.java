package dev.krongauss.kernel;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamCaptureMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Order, repetition and progress of {@link Cholesky}; the cases compare its numbers. */
final class CholeskyTest {
  private static final int[] SIZES = {65, 1, 131, 64, 200};
  private static final int CANDIDATES = 3;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Cholesky cholesky = new Cholesky(device);
  private Arena arena;
  private List<Matrix> S;
  private List<List<Matrix>> X;
  private Buffer damping;
  private Buffer info;
  private Buffer condition;

  @BeforeEach
  void allocate() {
    arena = device.newArena("Cholesky test");
    S = matrices("S");
    X = new ArrayList<>();
    for (int c = 0; c < CANDIDATES; c++) {
      X.add(matrices("X"));
    }
    int count = CANDIDATES * SIZES.length;
    damping = arena.floats(count, "damping");
    float[] values = new float[count];
    Arrays.fill(values, 0.25f);
    values[SIZES.length + 2] = -100; // candidate 1 of matrix 2 fails
    values[2 * SIZES.length] = Float.NaN; // candidate 2 of matrix 0 too
    damping.upload(values, s);
    info = arena.ints(count, "info");
    condition = arena.floats(count, "condition");
  }

  @AfterEach
  void free() {
    arena.close();
    if (device.isSoftware()) {
      new SoftwareOptions().restore("seed", "0");
    }
  }

  private List<Matrix> matrices(String name) {
    return Arrays.stream(SIZES).mapToObj(n -> arena.matrix(n, n, name)).toList();
  }

  /** Fills all S with other numbers for each seed. */
  private void fill(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (Matrix matrix : S) {
      int n = matrix.rows();
      float[] values = new float[n * n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          values[i * n + j] = (float) (random.nextDouble() - 0.5) / n + (i == j ? 1 : 0);
        }
      }
      matrix.upload(values, s);
    }
  }

  private void launch(Cholesky.Plan plan) {
    plan.factoriseAndInvert(s, damping.pointer(), info.pointer(), condition.pointer());
  }

  /** All results of the last launch as bits. */
  private List<int[]> results() {
    List<int[]> all = new ArrayList<>();
    for (List<Matrix> candidate : X) {
      candidate.forEach(x -> all.add(bits(x.download(s))));
    }
    int count = CANDIDATES * SIZES.length;
    all.add(bits(condition.downloadFloats(count, s)));
    all.add(info.downloadInts(count, s));
    return all;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }

  /** What one block alone computes, from a plan of its own. */
  private List<int[]> alone() {
    launch(cholesky.plan(arena, S, X).blocks(1));
    return results();
  }

  @Test
  void badCandidatesAreReportedAndTheOthersAreNot() {
    fill(1);
    launch(cholesky.plan(arena, S, X));
    int[] wanted = new int[CANDIDATES * SIZES.length];
    wanted[SIZES.length + 2] = 1;
    wanted[2 * SIZES.length] = 1;
    assertThat(info.downloadInts(wanted.length, s)).isEqualTo(wanted);
    assertThat(X.get(2).get(0).download(s)).containsOnly(Float.NaN);
    assertThat(X.get(0).get(0).download(s)).doesNotContain(Float.NaN);
  }

  /** No tile at all, as of a rank that has no other factors; 1 / (s + damping) is rounded twice. */
  @Test
  void diagonalsAloneAreInverted() {
    float[] s1 = {1, 2, 3, 4, 1e-3f};
    List<Matrix> diagonals = List.of(arena.matrix(1, 5, "S"), arena.matrix(1, 2, "S"));
    List<Matrix> inverses = List.of(arena.matrix(1, 5, "X"), arena.matrix(1, 2, "X"));
    diagonals.get(0).upload(s1, s);
    diagonals.get(1).upload(new float[] {1, -9}, s);
    cholesky
        .plan(arena, diagonals, List.of(inverses))
        .factoriseAndInvert(s, damping.pointer(), info.pointer(), condition.pointer());
    float[] x = inverses.get(0).download(s);
    for (int i = 0; i < s1.length; i++) {
      double wanted = 1 / (s1[i] + 0.25);
      assertThat((double) x[i]).isCloseTo(wanted, within(2.01 * 0x1p-24 * wanted));
    }
    assertThat(inverses.get(1).download(s)).containsOnly(Float.NaN);
    assertThat(info.downloadInts(2, s)).containsExactly(0, 2);
  }

  /** Each number of blocks once. */
  @Test
  void anyNumberOfBlocksInAnyOrderGivesTheSameBits() {
    haveTheSameBits(0, 7);
  }

  /** The same numbers of blocks in more orders. */
  @Test
  @Tag("thorough")
  void anyNumberOfBlocksInMoreOrdersGivesTheSameBits() {
    haveTheSameBits(7, 20);
  }

  private void haveTheSameBits(int firstSeed, int endSeed) {
    assumeTrue(device.isSoftware(), "the order is drawn from SoftCUDA's seed");
    fill(2);
    List<int[]> wanted = alone();
    Cholesky.Plan plan = cholesky.plan(arena, S, X);
    for (int seed = firstSeed; seed < endSeed; seed++) {
      new SoftwareOptions().set("seed", Integer.toString(seed));
      launch(plan.blocks(1 + 3 * (seed % 7)));
      same(results(), wanted, "seed " + seed);
    }
  }

  /** Two rungs fail, each by another matrix; blocks of all numbers climb together. */
  @Test
  void anyNumberOfBlocksClimbsTheSameLadder() {
    assumeTrue(device.isSoftware(), "the order is drawn from SoftCUDA's seed");
    fill(3);
    float[] values = new float[CANDIDATES * SIZES.length];
    Arrays.fill(values, 0.25f);
    values[4] = Float.NaN;
    values[SIZES.length + 2] = -100;
    damping.upload(values, s);
    List<List<Matrix>> result = X.subList(0, 1);
    cholesky.plan(arena, S, result).blocks(1).climb(s, damping.pointer(), info.pointer(), 0, 3);
    List<int[]> wanted = results();
    assertThat(info.downloadInts(values.length, s))
        .containsExactly(0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
    Cholesky.Plan plan = cholesky.plan(arena, S, result);
    for (int seed = 0; seed < 7; seed++) {
      new SoftwareOptions().set("seed", Integer.toString(seed));
      plan.blocks(1 + 5 * seed).climb(s, damping.pointer(), info.pointer(), 0, 3);
      same(results(), wanted, "seed " + seed);
    }
  }

  @Test
  void aCapturedLaunchIsOneNodeAndReplaysWithOtherData() {
    device.inContext(this::captureAndReplay);
  }

  private void captureAndReplay() {
    Cholesky.Plan plan = cholesky.plan(arena, S, X);
    Stream stream = device.newStream();
    CUgraph graph = new CUgraph();
    check(
        cuStreamBeginCapture(
            stream.handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    plan.factoriseAndInvert(stream, damping.pointer(), info.pointer(), condition.pointer());
    check(cuStreamEndCapture(stream.handle(), graph));
    long[] nodes = new long[1];
    check(cuGraphGetNodes(graph, null, nodes));
    assertThat(nodes[0]).isEqualTo(1);
    CUgraphExec executable = new CUgraphExec();
    check(cuGraphInstantiate(executable, graph, 0));
    for (int replay = 0; replay < 3; replay++) {
      fill(10 + replay);
      List<int[]> wanted = alone();
      check(cuGraphLaunch(executable, stream.handle()));
      stream.synchronize();
      same(results(), wanted, "replay " + replay);
    }
    check(cuGraphExecDestroy(executable));
    check(cuGraphDestroy(graph));
    stream.close();
  }

  private static void check(int result) {
    assertThat(result).as(CUresult.stringFor(result)).isZero();
  }

  private static void same(List<int[]> got, List<int[]> wanted, String when) {
    for (int k = 0; k < wanted.size(); k++) {
      assertThat(got.get(k)).as("result %d, %s", k, when).isEqualTo(wanted.get(k));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    List<Matrix> first = X.get(0);
    refused("0 matrices", () -> cholesky.plan(arena, List.of(), X));
    refused("0 candidates", () -> cholesky.plan(arena, S, List.of()));
    refused("has 1 results", () -> cholesky.plan(arena, S, List.of(List.of(first.get(0)))));
    refused("same memory", () -> cholesky.plan(arena, S, List.of(S)));
    refused("another one's", () -> cholesky.plan(arena, S, List.of(first, first)));
    Matrix oblong = arena.matrix(3, 4, "oblong");
    refused(
        "must be square, or the diagonal",
        () -> cholesky.plan(arena, List.of(oblong), List.of(List.of(first.get(0)))));
    refused(
        "X of candidate 0",
        () -> cholesky.plan(arena, List.of(S.get(0)), List.of(List.of(first.get(1)))));
    Cholesky.Plan plan = cholesky.plan(arena, S, X);
    assertThat(plan.candidates()).isEqualTo(CANDIDATES);
    refused("damping 0x0", () -> plan.factoriseAndInvert(s, 0, info.pointer(), 0));
    refused("info 0x", () -> plan.factoriseAndInvert(s, damping.pointer(), 6, 0));
    long dampings = damping.pointer();
    refused("rungs 0 to 0", () -> plan.climb(s, dampings, info.pointer(), 0, 0));
    refused("rungs 2 to 2", () -> plan.climb(s, dampings, info.pointer(), 2, 2));
    refused("rungs -1 to 2", () -> plan.climb(s, dampings, info.pointer(), -1, 2));
    refused("within 0 to 4", () -> plan.climb(s, dampings, info.pointer(), 0, 5));
    refused(
        "condition 0x2", () -> plan.factoriseAndInvert(s, damping.pointer(), info.pointer(), 2));
  }

  private static void refused(String text, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }
}
