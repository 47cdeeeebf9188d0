package dev.krongauss.views;

import static dev.krongauss.views.Table.definite;
import static dev.krongauss.views.Table.homogeneous;
import static dev.krongauss.views.Table.inputs;
import static dev.krongauss.views.Table.outputs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.diagnose.Diagnosis;
import dev.krongauss.diagnose.Fault;
import dev.krongauss.diagnose.Finding;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.Trial;
import dev.krongauss.precondition.DampingCandidates;
import dev.krongauss.precondition.Preconditioner;
import java.util.ArrayList;
import java.util.List;

/** The preconditioner of trainers of their own, in both modes. */
final class PreconditionerViews {
  private static final int N = 23;
  private static final int I = 12;
  private static final int U = 33;
  private static final int O = 5;

  private PreconditionerViews() {}

  static void add(Table table) {
    preconditioner(table);
    diagnosis(table);
    candidates(table);
  }

  private interface Precondition {
    void run(Trial t, Preconditioner p, Stream s);
  }

  private static void preconditioned(Table table, String operation, Precondition body) {
    CurvatureViews.both(
        table,
        "precondition." + operation,
        1e-3,
        (t, mode, arena, s) -> {
          try (Preconditioner p =
              Preconditioner.on(t.device())
                  .layer(I + 1, U)
                  .layer(U + 1, O)
                  .gamma(0.5)
                  .operations(mode)
                  .build()) {
            body.run(t, p, s);
            s.synchronize();
          }
        });
  }

  private static void enter(Trial t, Preconditioner p, Stream s) {
    p.accumulate(0, t.input(homogeneous(t, N, I + 1)), t.input(t.random(2 * N, U)), s);
    p.accumulate(1, t.input(homogeneous(t, N, U + 1)), t.input(t.random(2 * N, O)), s);
  }

  private static void preconditioner(Table table) {
    preconditioned(
        table,
        "Preconditioner.accumulate/4",
        (t, p, s) -> {
          enter(t, p, s);
          CurvatureViews.show(t, p.factors(), s);
        });
    preconditioned(
        table,
        "Preconditioner.accumulateCurvature/4",
        (t, p, s) -> {
          p.accumulateCurvature(0, t.input(homogeneous(t, N, I + 1)), t.input(definite(t, U)), s);
          p.accumulateCurvature(1, t.input(homogeneous(t, N, U + 1)), t.input(definite(t, O)), s);
          CurvatureViews.show(t, p.factors(), s);
        });
    CurvatureViews.both(
        table,
        "precondition.Preconditioner.accumulateCurvatureDiagonal/4",
        1e-3,
        (t, mode, arena, s) -> {
          try (Preconditioner p =
              Preconditioner.on(t.device())
                  .diagonalLayer(I + 1, U)
                  .gamma(0.5)
                  .operations(mode)
                  .build()) {
            Matrix g = t.input(t.random(1, U, 0.1, 2));
            p.accumulateCurvatureDiagonal(0, t.input(homogeneous(t, N, I + 1)), g, s);
            CurvatureViews.show(t, p.factors(), s);
            p.refresh(s);
            p.apply(0, t.input(t.random(U, I + 1)), t.output(U, I + 1), s);
            s.synchronize();
          }
        });
    preconditioned(
        table,
        "Preconditioner.apply/4",
        (t, p, s) -> {
          enter(t, p, s);
          p.refresh(s);
          p.apply(0, t.input(t.random(U, I + 1)), t.output(U, I + 1), s);
          p.apply(1, t.input(t.random(O, U + 1)), t.output(O, U + 1), s);
        });
    preconditioned(
        table,
        "Preconditioner.apply/3",
        (t, p, s) -> {
          enter(t, p, s);
          p.refresh(s);
          List<Matrix> gradients = inputs(t, U, I + 1, O, U + 1, 1, 1).subList(0, 2);
          p.apply(gradients, outputs(t, U, I + 1, O, U + 1), s);
        });
  }

  private static void diagnosis(Table table) {
    table.writesNothing("diagnose.Values.of/2", "it copies to the host");
    preconditioned(
        table,
        "Preconditioner.diagnose/4",
        (t, p, s) -> {
          Diagnosis diagnosis =
              p.diagnose(
                  List.of(t.input(homogeneous(t, N, I + 1)), t.input(homogeneous(t, N, U + 1))),
                  List.of(t.input(t.random(N, U)), t.input(t.random(N, O))),
                  List.of(t.input(t.random(U, I + 1)), t.input(t.random(O, U + 1))),
                  s);
          assertThat(diagnosis.findings())
              .extracting(Finding::fault)
              .containsExactly(Fault.UNEXPLAINED, Fault.UNEXPLAINED);
        });
  }

  private static void candidates(Table table) {
    TraceDamping.Candidates three = new TraceDamping.Candidates(0.5f, 2, 1e-3f, 1e3f);
    for (String operation : List.of("apply/4", "take/3")) {
      preconditioned(
          table,
          "DampingCandidates." + operation,
          (t, p, s) -> {
            DampingCandidates candidates = p.candidates(three);
            enter(t, p, s);
            candidates.refresh(s);
            List<Matrix> gradients = inputs(t, U, I + 1, O, U + 1, 1, 1).subList(0, 2);
            List<List<Matrix>> directions = new ArrayList<>();
            for (int c = 0; c < TraceDamping.CANDIDATES; c++) {
              directions.add(outputs(t, U, I + 1, O, U + 1));
              candidates.apply(c, gradients, directions.get(c), s);
            }
            if (operation.startsWith("take")) {
              candidates.take(t.ints(2).pointer(), directions, s);
            }
          });
    }
  }
}
