package dev.krongauss.bench.update;

import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Solver;
import dev.krongauss.device.Stream;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An update of the paper's KFRA on the paper's autoencoder beside its floor: the library calls for
 * its products and factorisations alone, on the same shapes, in turns with it. Both refresh at
 * every fifth update.
 *
 * <p>{@code bench/run dev.krongauss.bench.update.LibraryFloor [ROUNDS]}; a round is five updates.
 */
public final class LibraryFloor {
  private static final int N = 1000;
  private static final int REFRESH = 5;

  private final Blas blas;
  private final Solver solver;
  private final Stream s;
  private final List<Calls> layers = new ArrayList<>();

  private LibraryFloor(Device device, Arena arena, int[] sizes) {
    blas = device.blas().orElseThrow(() -> missing("cuBLAS"));
    solver = device.solver().orElseThrow(() -> missing("cuSOLVER"));
    s = device.stream();
    for (int l = 1; l < sizes.length; l++) {
      layers.add(new Calls(arena, sizes[l - 1], sizes[l], l > 1));
    }
  }

  private static IllegalStateException missing(String library) {
    return new IllegalStateException(
        library + " is not found, so there is no floor to measure; put it on LD_LIBRARY_PATH");
  }

  /**
   * Measures and prints a line a round, and the medians.
   *
   * @param arguments number of rounds, default 5
   * @throws IllegalStateException if cuBLAS or cuSOLVER is not found
   */
  public static void main(String[] arguments) {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    if (rounds < 1) {
      throw new IllegalArgumentException(
          rounds + " rounds: at least one is needed; give a number from 1 on");
    }
    NetworkShape shape = NetworkShape.autoencoder(Curves.WIDTH, 1);
    try (Device device = Device.open();
        Arena arena = device.newArena("floor");
        Network network = shape.build(device, 1);
        Batches batches = Batches.of(device, Curves.generate(4 * N, 1), N, 1);
        Optimizer optimizer = GaussNewton.kfra().scalarStep().build(network, Loss.bernoulli())) {
      LibraryFloor floor = new LibraryFloor(device, arena, shape.sizes());
      double[] ratios = new double[rounds];
      for (int round = -1; round < rounds; round++) { // the first warms up
        double update = milliseconds(device, () -> optimizer.step(batches.next()));
        double calls = milliseconds(device, floor.update());
        System.out.printf(
            Locale.ROOT, "update %.0f ms, its library calls %.0f ms%n", update, calls);
        if (round >= 0) {
          ratios[round] = update / calls;
        }
      }
      java.util.Arrays.sort(ratios);
      System.out.printf(
          Locale.ROOT, "update / library calls: %.2f (median of %d)%n", ratios[rounds / 2], rounds);
    }
  }

  /** Milliseconds of one of five updates. */
  private static double milliseconds(Device device, Runnable update) {
    device.synchronize();
    long start = System.nanoTime();
    for (int k = 0; k < REFRESH; k++) {
      update.run();
    }
    device.synchronize();
    return (System.nanoTime() - start) / 1e6 / REFRESH;
  }

  private Runnable update() {
    int[] count = {0};
    return () -> {
      layers.forEach(Calls::everyUpdate);
      if (count[0]++ % REFRESH == 0) {
        layers.forEach(Calls::refresh);
      }
    };
  }

  /** The calls of a layer, on matrices of its own. */
  private final class Calls {
    private final boolean hasBelow;
    private final Matrix a;
    private final Matrix W;
    private final Matrix h;
    private final Matrix below;
    private final Matrix g;
    private final Matrix half;
    private final Matrix Q;
    private final Matrix G;
    private final Matrix GW;
    private final Matrix moment;
    private final Buffer workspace;
    private final Buffer info;

    Calls(Arena arena, int in, int out, boolean hasBelow) {
      this.hasBelow = hasBelow;
      a = arena.matrix(N, in + 1, "a");
      W = arena.matrix(out, in + 1, "W");
      h = arena.matrix(N, out, "h");
      below = arena.matrix(N, in, "below");
      g = arena.matrix(out, in + 1, "g");
      half = arena.matrix(out, in + 1, "half");
      Q = identity(arena, in + 1);
      G = identity(arena, out);
      GW = arena.matrix(out, in, "G W");
      moment = arena.matrix(in, in, "moment");
      workspace =
          arena.floats(Math.max(solver.workspaceFloats(Q), solver.workspaceFloats(G)), "workspace");
      info = arena.ints(1, "info");
    }

    /** Forward, backward, gradient, both products of the tangent, two-sided solve. */
    void everyUpdate() {
      blas.gemm(s, false, a, true, W, 1, 0, h);
      blas.gemm(s, true, h, false, a, 1, 0, g);
      blas.gemm(s, false, a, true, g, 1, 0, h);
      if (hasBelow) {
        blas.gemm(s, false, h, false, withoutBias(), 1, 0, below);
        blas.gemm(s, false, below, true, withoutBias(), 1, 0, h);
      }
      blas.symmetricLeft(s, G, g, 1, half);
      blas.symmetricRight(s, half, Q, 1, g);
    }

    /** Q, G by the recursion, b's second moment; inverses of Q and G, which stay the identity. */
    void refresh() {
      blas.gram(s, a, 1, 1, Q);
      if (hasBelow) {
        blas.symmetricLeft(s, G, withoutBias(), 1, GW);
        blas.symmetricProduct(s, withoutBias(), GW, moment);
        blas.gram(s, below, 1, 0, moment);
      }
      for (Matrix factor : List.of(Q, G)) {
        solver.factorise(s, factor, workspace, info.pointer());
        solver.invert(s, factor, workspace, info.pointer());
      }
    }

    private Matrix withoutBias() {
      return W.columns(W.columns() - 1);
    }

    private Matrix identity(Arena arena, int n) {
      Matrix I = arena.matrix(n, n, "factor");
      float[] values = new float[n * n];
      for (int i = 0; i < n; i++) {
        values[i * n + i] = 1;
      }
      I.upload(values, s);
      return I;
    }
  }
}
