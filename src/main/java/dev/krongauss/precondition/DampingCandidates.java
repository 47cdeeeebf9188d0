package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Select;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.operations.Factorisation;
import dev.krongauss.kernel.operations.Operations;
import java.util.ArrayList;
import java.util.List;

/**
 * Inverses for three dampings at once, of which the device chooses one; see {@link
 * Preconditioner#candidates}.
 *
 * <p>The first candidate's inverses are the preconditioner's own; another one's are copied over
 * them where it is chosen, so that nothing later has to know of the choice. Memory belongs to the
 * arena of the preconditioner.
 */
public final class DampingCandidates {
  private final Factors factors;
  private final Refreshes refreshes;
  private final TwoSidedSolve solve;
  private final TraceDamping.Candidates candidates;
  private final long gamma;
  private final TraceDamping traceDamping;
  private final Select select;
  private final Factorisation factorisation;
  private final List<List<Matrix>> Q = new ArrayList<>();
  private final List<List<Matrix>> G = new ArrayList<>();
  private final Buffer dampings;
  private final Buffer omegas;
  private final Buffer infos;
  private final Buffer gammas;

  DampingCandidates(
      Device device,
      Operations operations,
      Arena arena,
      Factors factors,
      DampedInverses own,
      Refreshes refreshes,
      TwoSidedSolve solve,
      long gamma,
      TraceDamping.Candidates candidates) {
    this.factors = factors;
    this.refreshes = refreshes;
    this.solve = solve;
    this.gamma = gamma;
    this.candidates = candidates;
    traceDamping = new TraceDamping(device);
    select = new Select(device);
    Q.add(own.Q());
    G.add(own.G());
    List<List<Matrix>> inverses = new ArrayList<>(List.of(own.all()));
    for (int c = 1; c < TraceDamping.CANDIDATES; c++) {
      Q.add(new ArrayList<>());
      G.add(new ArrayList<>());
      DampedInverses.inverses(arena, factors, Q.get(c), G.get(c));
      inverses.add(DampedInverses.interleaved(Q.get(c), G.get(c)));
    }
    int layers = factors.layers();
    factorisation =
        operations.factorisation(
            arena, DampedInverses.interleaved(factors.allQ(), factors.allG()), inverses);
    dampings = arena.floats(2L * TraceDamping.CANDIDATES * layers, "candidates' dampings");
    omegas = arena.floats(layers, "candidates' omegas");
    infos = arena.ints(2L * TraceDamping.CANDIDATES * layers, "candidates' infos");
    gammas = arena.floats(TraceDamping.CANDIDATES, "candidates' gammas");
    Refreshes.clear(gammas, device.stream());
  }

  /**
   * Damps and factorises every factor for all candidates.
   *
   * @throws IllegalStateException as {@link Preconditioner#refresh}
   */
  public void refresh(Stream s) {
    refreshes.begin(s);
    traceDamping.damping(
        s,
        factors.allQ(),
        factors.allG(),
        gamma,
        candidates,
        factors.batches(),
        gammas.pointer(),
        dampings.pointer(),
        omegas.pointer(),
        0);
    factorisation.run(s, dampings.pointer(), infos.pointer());
    refreshes.end(gammas, s);
  }

  /** {@link Preconditioner#apply(List, List, Stream)} with the inverses of candidate {@code c}. */
  public void apply(int c, List<Matrix> gradients, List<Matrix> directions, Stream s) {
    solve.run(G.get(c), gradients, Q.get(c), directions, s);
  }

  /**
   * Makes the chosen candidate's inverses the preconditioner's, and its directions those of
   * candidate 0; nothing moves if 0 is chosen.
   *
   * @param choice device address of an int
   * @param directions of each candidate
   */
  public void take(long choice, List<List<Matrix>> directions, Stream s) {
    for (int c = 1; c < TraceDamping.CANDIDATES; c++) {
      select.where(s, choice, c, all(c, directions.get(c)), all(0, directions.get(0)));
    }
  }

  /** Where the candidates' infos and γ are. */
  public Control.Dampings dampings() {
    return new Control.Dampings(
        infos.pointer(), gammas.pointer(), TraceDamping.CANDIDATES, 2 * factors.layers());
  }

  private List<Matrix> all(int c, List<Matrix> directions) {
    List<Matrix> all = DampedInverses.interleaved(Q.get(c), G.get(c));
    all.addAll(directions);
    return all;
  }
}
