package dev.krongauss.views;

import static dev.krongauss.views.Table.definite;
import static dev.krongauss.views.Table.inputs;
import static dev.krongauss.views.Table.outputs;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Prefetch;
import dev.krongauss.device.Solver;
import dev.krongauss.device.StagedRows;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Host;
import dev.krongauss.kernel.Trial;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Copies, cuBLAS and cuSOLVER. */
final class DeviceViews {
  private static final int ROWS = 7;
  private static final int COLUMNS = 37;

  private DeviceViews() {}

  static void add(Table table) {
    table.writesNothing("device.Check.shape/4", "it compares on the host");
    table.writesNothing("device.Launch.matrix/1", "it describes an argument of a launch");
    table.run("device.Stream.copy/2", DeviceViews::copy);
    table.run(
        "device.Matrix.upload/2",
        t -> {
          float[] values = t.random(ROWS, COLUMNS).values();
          outputs(t, ROWS, COLUMNS, ROWS, COLUMNS, ROWS, COLUMNS)
              .forEach(m -> m.upload(values, s(t)));
        });
    table.run(
        "device.Matrix.download/1",
        t -> {
          for (Matrix from : inputs(t, ROWS, COLUMNS, ROWS, COLUMNS, ROWS, COLUMNS)) {
            t.output(ROWS, COLUMNS).upload(from.download(s(t)), s(t));
          }
        });
    table.run("device.Staging.copyTo/2", DeviceViews::staged);
    table.run("device.Staging.copyCompactTo/2", DeviceViews::thereAndBack);
    table.run("device.Staging.copyCompactFrom/2", DeviceViews::thereAndBack);
    table.run("device.StagedRows.new/4", DeviceViews::rows);
    table.run("device.StagedRows.send/3", DeviceViews::rows);
    table.run("device.StagedRows.send/4", DeviceViews::rows);
    table.run("device.Prefetch.new/5", DeviceViews::ahead);
    libraries(table);
  }

  /** Between layouts that are alike, and between others. */
  private static void copy(Trial t) {
    int[] three = {ROWS, COLUMNS, ROWS, COLUMNS, ROWS, COLUMNS};
    List<Matrix> from = inputs(t, three);
    for (int shift = 0; shift < 3; shift++) {
      List<Matrix> to = outputs(t, three);
      for (int k = 0; k < 3; k++) {
        s(t).copy(from.get((k + shift) % 3), to.get(k));
      }
    }
    Matrix row = t.input(t.random(1, COLUMNS));
    s(t).copy(row, t.output(1, COLUMNS));
  }

  /** What lies between the rows in pinned memory stays there, too. */
  private static void staged(Trial t) {
    for (int k = 0; k < 3; k++) {
      Matrix to = t.output(ROWS, COLUMNS);
      float[] values = t.random(ROWS, COLUMNS).values();
      try (Staging staging = t.device().staging(4L * ROWS * to.stride())) {
        FloatBuffer floats = staging.floats();
        for (int i = 0; i < ROWS * to.stride(); i++) {
          floats.put(i, -1e9f);
        }
        for (int i = 0; i < ROWS; i++) {
          floats.put(i * to.stride(), values, i * COLUMNS, COLUMNS);
        }
        staging.copyTo(to, s(t));
        s(t).synchronize();
      }
    }
  }

  /** In order, and chosen ones; with a column of ones, and without. */
  private static void rows(Trial t) {
    float[] source = t.random(ROWS, COLUMNS).values();
    int[] order = {3, 0, 6, 2, 5, 1, 4};
    for (int k = 0; k < 3; k++) {
      Matrix one = t.output(ROWS, COLUMNS + k % 2);
      try (StagedRows staged = new StagedRows(t.device(), source, COLUMNS, one)) {
        staged.send(0, one, s(t));
        staged.send(order, 0, one, s(t));
      }
    }
  }

  /** Read by a thread: with a column of ones, and without; one batch, and the next in its place. */
  private static void ahead(Trial t) {
    float[] source = t.random(2 * ROWS, COLUMNS).values();
    for (int k = 0; k < 3; k++) {
      Matrix one = t.output(ROWS, COLUMNS + k % 2);
      Prefetch.Source rows =
          (number, row, to) ->
              to.get(0).put(source, ((int) number % 2 * ROWS + row) * COLUMNS, COLUMNS);
      try (Prefetch ahead =
          new Prefetch(t.device(), "views", List.of(one), List.of(COLUMNS), rows)) {
        for (int number = 0; number < 3; number++) {
          ahead.take(number, s(t));
        }
        s(t).synchronize();
      } catch (ExecutionException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void thereAndBack(Trial t) {
    for (int k = 0; k < 3; k++) {
      Matrix from = t.input(t.random(ROWS, COLUMNS));
      try (Staging staging = t.device().staging(4L * ROWS * COLUMNS)) {
        staging.copyCompactFrom(from, s(t));
        staging.copyCompactTo(t.output(ROWS, COLUMNS), s(t));
        s(t).synchronize();
      }
    }
  }

  private static void libraries(Table table) {
    table.run(
        "device.Blas.gemm/8",
        t -> {
          for (int k = 0; k < 8; k++) {
            boolean a = (k & 1) != 0;
            boolean b = (k & 2) != 0;
            Matrix A = t.input(a ? t.random(33, 21) : t.random(21, 33));
            Matrix B = t.input(b ? t.random(45, 33) : t.random(33, 45));
            Matrix C = k < 4 ? t.output(21, 45) : t.inOut(t.random(21, 45));
            blas(t).gemm(s(t), a, A, b, B, 0.5f, k < 4 ? 0 : 2, C);
          }
        });
    table.run(
        "device.Blas.gram/5",
        t -> {
          Matrix X = t.input(t.random(50, 37));
          Matrix fresh = t.output(37, 37);
          Matrix sum = t.inOut(t.random(37, 37));
          blas(t).gram(s(t), X, 0.02f, 0, fresh);
          blas(t).gram(s(t), X, 0.02f, 1, sum);
          t.verifyUpperUntouched(fresh);
          t.verifyUpperUntouched(sum);
        });
    table.run(
        "device.Blas.symmetricProduct/4",
        t -> {
          Matrix A = t.input(t.random(50, 37));
          Matrix S = t.output(37, 37);
          blas(t).symmetricProduct(s(t), A, A, S);
          t.verifyUpperUntouched(S);
        });
    table.run(
        "device.Blas.symmetricLeft/5",
        t -> {
          List<Matrix> in = inputs(t, 21, 21, 21, 45);
          blas(t).symmetricLeft(s(t), in.get(0), in.get(1), -2, t.output(21, 45));
        });
    table.run(
        "device.Blas.symmetricRight/5",
        t -> {
          List<Matrix> in = inputs(t, 21, 45, 45, 45);
          blas(t).symmetricRight(s(t), in.get(0), in.get(1), -2, t.output(21, 45));
        });
    table.run(
        "device.BlasCalls.outer/4",
        t -> {
          List<Matrix> in = inputs(t, 21, 7, 21, 5);
          blas(t).calls().outer(s(t), in.get(0), in.get(1), t.output(21, 35));
        });
    table.run(
        "device.BlasCalls.solve/4",
        1e-4,
        t -> {
          Host values = definite(t, 45);
          Matrix L = t.input(Host.of(45, 45, (i, j) -> j > i ? Double.NaN : values.at(i, j)));
          blas(t).calls().solve(s(t), L, t.inOut(t.random(1, 45)), one(t));
        });
    table.run(
        "device.BlasCalls.multiply/6",
        t -> {
          List<Matrix> in = inputs(t, 45, 45, 1, 45);
          Matrix y = t.inOut(t.random(1, 45));
          blas(t).calls().multiply(s(t), in.get(0), in.get(1), one(t), one(t), y);
        });
    table.writesNothing("device.Solver.workspaceFloats/1", "it asks for a size");
    table.run("device.Solver.factorise/4", 1e-4, t -> factorise(t, false));
    table.run("device.Solver.invert/4", 1e-4, t -> factorise(t, true));
  }

  private static void factorise(Trial t, boolean invert) {
    Solver solver = t.device().solver().orElseThrow();
    for (int k = 0; k < 3; k++) {
      Matrix A = t.inOut(definite(t, 45));
      Buffer info = t.ints(-1);
      try (Arena arena = t.device().newArena("workspace")) {
        Buffer workspace = arena.floats(solver.workspaceFloats(A), "workspace");
        solver.factorise(s(t), A, workspace, info.pointer());
        if (invert) {
          solver.invert(s(t), A, workspace, info.pointer());
        }
      }
      t.checkInts("info", info, 0);
      t.verifyUpperUntouched(A);
    }
  }

  private static long one(Trial t) {
    return t.input(Host.row(1)).pointer();
  }

  private static Blas blas(Trial t) {
    return t.device().blas().orElseThrow();
  }

  private static Stream s(Trial t) {
    return t.device().stream();
  }
}
