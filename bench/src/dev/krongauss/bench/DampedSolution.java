package dev.krongauss.bench;

import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Conjugate;
import dev.krongauss.kernel.ControlExact;
import java.util.List;

/**
 * How an exact damped step ended that was solved outside of an optimiser.
 *
 * @param factorised whether the matrix was positive definite in single precision with its own
 *     damping, and with no more than that
 * @param reached whether the error is within {@link ExactSystem#TOLERANCE}, but for the rounding of
 *     the step to floats
 * @param error relative error of the step in the norm of the damped matrix
 */
public record DampedSolution(boolean factorised, boolean reached, double error) {
  /**
   * Solves (C + damping I) Δ = −g at a batch; waits. Dampings ten and a hundred times as large
   * serve the preconditioner alone, where it is not positive definite with its own.
   *
   * @param system of this batch's size
   * @param at of the last forward pass and loss; its gradients are written anew
   * @param damping μ, η in it
   * @param direction Δ, shaped like the parameters; overwritten
   * @param arena takes some bytes
   */
  public static DampedSolution solve(
      ExactSystem system,
      ExactSystem.Point at,
      float damping,
      List<Matrix> direction,
      Arena arena,
      Stream s) {
    Buffer dampings = arena.floats(ControlExact.RUNGS, "dampings");
    Buffer infos = arena.ints(ControlExact.RUNGS, "infos");
    Buffer places = arena.floats(5, "places");
    dampings.upload(new float[] {damping, 10 * damping, 100 * damping}, s);
    places.upload(new float[] {damping, 0, 0, 0, 1}, s);
    system.gradient(at, s);
    system.form(at, s);
    system.factorise(dampings.pointer(), infos.pointer(), s);
    system.solve(
        at,
        new ExactSystem.Places(
            places.at(0), places.at(1), places.at(2), places.at(3), places.at(4)),
        direction,
        s);
    Buffer end = arena.ints(1, "end");
    s.copy(Matrix.wrap(system.end(), 1, 1, 1), Matrix.wrap(end.pointer(), 1, 1, 1));
    float[] values = places.downloadFloats(4, s);
    double norm2 = values[1] + damping * length2(direction, s);
    return new DampedSolution(
        infos.downloadInts(1, s)[0] == 0,
        end.downloadInts(1, s)[0] == Conjugate.REACHED,
        norm2 == 0 ? 0 : Math.sqrt(values[2] / norm2));
  }

  private static double length2(List<Matrix> direction, Stream s) {
    double sum = 0;
    for (Matrix layer : direction) {
      for (float value : layer.download(s)) {
        sum += (double) value * value;
      }
    }
    return sum;
  }
}
