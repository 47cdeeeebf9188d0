package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Equilibrate;
import dev.krongauss.kernel.Hadamard;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.Update;
import java.util.List;

/**
 * Marquardt's damping: A + λ diag A of A = C + ηI is e⁻¹ (e A e + λI) e⁻¹ with e the inverse roots
 * of the diagonal, so that the scaled matrix is damped by λI, and the step is e times its solution.
 */
final class Scaling {
  private final float eta;
  private final Equilibrate kernel;
  private final Hadamard hadamard;
  private final Update update;
  private final Reduce reduce;
  private final Matrix e;
  private final Matrix solution;
  private final Buffer constants;
  private final Buffer scratch;

  /** Takes memory for P weights. */
  Scaling(Arena arena, Stream s, float eta, int P) {
    this.eta = eta;
    this.kernel = new Equilibrate(s.device());
    this.hadamard = new Hadamard(s.device());
    this.update = new Update(s.device());
    this.reduce = new Reduce(s.device());
    this.e = Matrix.wrap(arena.floats(P, "inverse roots of the diagonal").pointer(), 1, P, P);
    this.solution = Matrix.wrap(arena.floats(P, "scaled step").pointer(), 1, P, P);
    this.constants = arena.floats(2, "1, eta");
    this.scratch = arena.floats(reduce.scratchFloats(List.of(e)), "reduction scratch");
    constants.upload(new float[] {1, eta}, s);
  }

  /** Scales the matrix of a batch, and begins its solution at 0. */
  void begin(Matrix C, Stream s) {
    kernel.scale(s, C, eta, e);
  }

  void clear(Stream s) {
    s.clear(solution.pointer(), 4L * solution.columns());
  }

  /** Address of η, by which a step adds to the residual beside C. */
  long eta() {
    return constants.at(1);
  }

  /** The residual of the scaled system from that of the weights [1][P], in place. */
  void residual(Matrix residual, long lambda, Stream s) {
    hadamard.product(s, residual, e, residual);
    update.apply(s, List.of(residual), List.of(solution), lambda, 0);
  }

  /** Adds a correction [1][P] to the solution, and makes it the step [1][P], the same memory. */
  void correct(Matrix correction, Stream s) {
    update.apply(s, List.of(solution), List.of(correction), constants.at(0), 0);
    hadamard.product(s, solution, e, correction);
  }

  /** ‖solution‖² to a device float. */
  void norm2(long out, Stream s) {
    List<Matrix> x = List.of(solution);
    reduce.dot(s, x, x, scratch.pointer(), out);
  }
}
