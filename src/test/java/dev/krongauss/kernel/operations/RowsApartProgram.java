package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One layer's passes over rows that are kept apart: what they are by double arithmetic, and bit for
 * bit the same in parts of any rows.
 */
public final class RowsApartProgram {
  static final String NONE = "no block of rows";
  private static final int N = 576; // a number of any pieces
  private static final double ROUNDING = 0x1p-24;

  private final int inputs;
  private final int units;
  private final Device device;
  private final Stream s;
  private final Arena arena;
  private final Passes passes;
  private final Random random = new Random(3);
  private final Map<Matrix, float[]> host = new HashMap<>();
  private final Matrix a;
  private final Matrix W;
  private final Matrix D;
  private final Matrix below;
  private final Matrix carried;
  private final Matrix b;
  private final Matrix slopes;
  private final Matrix delta;

  private RowsApartProgram(
      Device device, Operations.Mode mode, Arena arena, int inputs, int units) {
    this.inputs = inputs;
    this.units = units;
    this.device = device;
    this.s = device.stream();
    this.arena = arena;
    this.passes = new Operations(device, mode).passes(arena, inputs, units);
    this.a = random(N, inputs + 1);
    this.W = random(units, inputs + 1);
    this.D = random(units, inputs + 1);
    this.below = random(N, inputs);
    this.carried = random(2 * N, inputs);
    this.b = random(N, units);
    this.slopes = random(N, inputs);
    this.delta = random(N, units);
  }

  /** With the libraries, in a process whose threads are the caller's choice. */
  public static void main(String[] arguments) {
    try (Device device = Device.open()) {
      System.out.println(check(device, Operations.Mode.LIBRARIES));
    }
  }

  /** Gives what was found; throws where a bit differs. */
  static String check(Device device, Operations.Mode mode) {
    return check(device, mode, 410, 75) + ", " + check(device, mode, 26, 6);
  }

  private static String check(Device device, Operations.Mode mode, int inputs, int units) {
    try (Arena arena = device.newArena("rows apart")) {
      RowsApartProgram program = new RowsApartProgram(device, mode, arena, inputs, units);
      int block = program.passes.rowBlock();
      if (block == 0) {
        return NONE;
      }
      for (int blocks : new int[] {1, 3, N / 2 / block}) {
        program.pieces(blocks * block);
      }
      return "blocks of " + block + " rows";
    }
  }

  private void pieces(int piece) {
    float[][] whole = run(0, N, piece);
    compare("output", whole[0], (i, j) -> Math.tanh(forward(i, j)), (i, j) -> bound(i, j, 1));
    compare("below", whole[1], this::backward, this::backwardBound);
    compare("tangent", whole[2], this::tangent, (i, j) -> bound(i, j, 2));
    for (int first : new int[] {0, piece, N / 2 / piece * piece}) {
      for (int n : new int[] {piece, Math.min(3, (N - first) / piece) * piece}) {
        float[][] part = run(first, n, piece);
        same("output", part[0], whole[0], first, n, units, 0, 0);
        same("below", part[1], whole[1], first, n, inputs, 0, 0);
        same("tangent", part[2], whole[2], first, n, units, 0, 0);
        for (int j = 0; j < 3; j++) {
          same("tangents", part[3], whole[3], first, n, units, j * n, j * N);
        }
      }
    }
  }

  /** Output, gradient below, tangent and tangents of some rows. */
  private float[][] run(int first, int n, int piece) {
    Passes apart = passes.apart(N, piece);
    Matrix input = a.rows(first, n);
    Matrix slope = b.rows(first, n);
    Matrix output = arena.matrix(n, units, "output");
    Matrix down = arena.matrix(n, inputs, "below");
    Matrix v = arena.matrix(n, units, "tangent");
    Matrix all = arena.matrix(3 * n, units, "tangents");
    Matrix stack = arena.matrix(2 * n, inputs, "tangents below");
    s.copy(carried.rows(first, n), stack.rows(0, n));
    s.copy(carried.rows(N + first, n), stack.rows(n, n));
    apart.forward(s, List.of(new Link.Forward(input, W, Transfer.TANH, 0, output, null)));
    Matrix d = delta.rows(first, n);
    apart.backward(s, List.of(new Link.Backward(d, W, slopes.rows(first, n), down)));
    Matrix u = below.rows(first, n);
    apart.tangent(s, List.of(new Link.Tangent(input, D, u, W, slope, v)));
    apart.tangents(s, List.of(new Link.Tangents(input, D, stack, W, slope, all)));
    return new float[][] {output.download(s), down.download(s), v.download(s), all.download(s)};
  }

  private interface Entry {
    double at(int i, int j);
  }

  private double forward(int i, int j) {
    return sum(inputs + 1, k -> value(a, i, k) * value(W, j, k));
  }

  private double backward(int i, int j) {
    return value(slopes, i, j) * sum(units, k -> value(delta, i, k) * value(W, k, j));
  }

  private double backwardBound(int i, int j) {
    double magnitude = sum(units, k -> Math.abs(value(delta, i, k) * value(W, k, j)));
    return (units + 3) * ROUNDING * magnitude * Math.abs(value(slopes, i, j));
  }

  private double tangent(int i, int j) {
    double own = sum(inputs + 1, k -> value(a, i, k) * value(D, j, k));
    return value(b, i, j) * (own + sum(inputs, k -> value(below, i, k) * value(W, j, k)));
  }

  /** Of {@code terms} sums of products of values up to 1, and of a function of slope 1. */
  private double bound(int i, int j, int terms) {
    return (terms * inputs + 8.0) * ROUNDING * terms * inputs;
  }

  private interface Term {
    double at(int k);
  }

  private static double sum(int count, Term term) {
    double sum = 0;
    for (int k = 0; k < count; k++) {
      sum += term.at(k);
    }
    return sum;
  }

  private double value(Matrix matrix, int i, int j) {
    return host.get(matrix)[i * matrix.columns() + j];
  }

  private Matrix random(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    Matrix matrix = arena.matrix(rows, columns, "values");
    matrix.upload(values, s);
    host.put(matrix, values);
    return matrix;
  }

  private static void compare(String what, float[] got, Entry wanted, Entry bound) {
    int columns = got.length / N;
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < columns; j++) {
        double error = Math.abs(got[i * columns + j] - wanted.at(i, j));
        if (!(error <= bound.at(i, j))) {
          throw new AssertionError(
              what + " " + i + ", " + j + ": error " + error + ", bound " + bound.at(i, j));
        }
      }
    }
  }

  private static void same(
      String what, float[] part, float[] whole, int first, int n, int columns, int to, int from) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < columns; j++) {
        float got = part[(to + i) * columns + j];
        float wanted = whole[(from + first + i) * columns + j];
        if (Float.floatToIntBits(got) != Float.floatToIntBits(wanted)) {
          throw new AssertionError(
              "%s of rows %d to %d, row %d, column %d: %s, among all rows %s"
                  .formatted(what, first, first + n - 1, first + i, j, got, wanted));
        }
      }
    }
  }
}
