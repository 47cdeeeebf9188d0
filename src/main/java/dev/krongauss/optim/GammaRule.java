package dev.krongauss.optim;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.precondition.DampingCandidates;
import dev.krongauss.precondition.Preconditioner;
import java.util.ArrayList;
import java.util.List;

/**
 * The rule of γ: every T2 updates γ, ω2 γ and γ/ω2 are tried, and the device keeps the one whose
 * rescaled step promises most. A candidate whose factors fail is out; γ/ω2 is the rung above, so
 * that there is no ladder. Source: Martens, Grosse 2015, the section on adapting γ.
 */
final class GammaRule {
  /** Measures a direction. */
  interface Quadratic {
    /**
     * @param measures device address of {@link Control#MEASURES} floats
     * @param mixed device address of {@link Control#MIXED_MEASURES} floats; 0 without momentum
     */
    void along(List<Matrix> direction, long measures, long mixed);
  }

  private final GaussNewtonOptions options;
  private final Stream stream;
  private final Scalars scalars;
  private final Control control;
  private final Preconditioner preconditioner;
  private final DampingCandidates candidates;
  private final List<List<Matrix>> directions = new ArrayList<>();
  private final Buffer measures;
  private final Buffer mixed;

  /** Of this update, whose direction is the first candidate's. */
  GammaRule(UpdateMemory update, Control control) {
    this.options = update.options();
    this.stream = update.stream();
    this.scalars = update.scalars();
    this.control = control;
    this.preconditioner = update.preconditioner();
    this.candidates =
        preconditioner.candidates(
            new TraceDamping.Candidates(
                options.omega2(),
                1 / options.omega2(),
                options.gammaFloor(),
                options.gammaCeiling()));
    directions.add(update.direction());
    for (int c = 1; c < Control.CANDIDATES; c++) {
      directions.add(
          FirstOrder.like(update.direction(), update.arena(), "direction of candidate " + c));
    }
    measures = update.arena().floats(Control.CANDIDATES * Control.MEASURES, "candidates' measures");
    mixed =
        options.momentum
            ? update
                .arena()
                .floats(Control.CANDIDATES * Control.MIXED_MEASURES, "candidates' momentum")
            : null;
  }

  /**
   * Damps, factorises, solves and measures with three γ. Inverses, direction and measures of the
   * best one become those of the update.
   *
   * @param quadratic writes the measures of a direction to a device address
   */
  void choose(List<Matrix> gradients, Quadratic quadratic) {
    candidates.refresh(stream);
    for (int c = 0; c < Control.CANDIDATES; c++) {
      candidates.apply(c, gradients, directions.get(c), stream);
      quadratic.along(directions.get(c), measures.at(c * Control.MEASURES), mixed(c));
    }
    control.choose(
        stream,
        scalars.pointer(),
        measures.pointer(),
        mixed(0),
        candidates.dampings(),
        preconditioner.rungs(),
        options.l2,
        options.rescaling);
    candidates.take(scalars.at(Control.CHOICE), directions, stream);
  }

  /** Address of a candidate's numbers for momentum, or 0. */
  private long mixed(int c) {
    return mixed == null ? 0 : mixed.at(c * Control.MIXED_MEASURES);
  }
}
