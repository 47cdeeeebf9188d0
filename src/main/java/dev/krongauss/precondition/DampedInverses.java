package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.operations.Factorisation;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Inverses of all damped factors, by a ladder of dampings: γ, 10 γ and 100 γ.
 *
 * <p>The averages are positive semi-definite, so that only rounding (n ε ‖Q‖) or a number that is
 * not finite makes a damped factor fail. Two powers of ten reach over what rounding does to a γ
 * that was chosen a little too small; beyond them the step is a gradient step in all but name, and
 * it is better to reject it and let λ grow. One rung holds for all layers: γ is one number of the
 * update, and a layer with a tenth of the others' step would turn the direction.
 */
final class DampedInverses {
  private static final TraceDamping.Candidates LADDER =
      new TraceDamping.Candidates(10, 100, 0, Float.POSITIVE_INFINITY);

  private final Factors factors;
  private final TraceDamping traceDamping;
  private final LayerOwners owners;
  private final Factorisation ladder; // null where layers have owners
  private final SharedInverses shared; // null for one alone
  private final AgreedLadder agreed; // null where all have all layers
  private final List<Matrix> Q = new ArrayList<>();
  private final List<Matrix> G = new ArrayList<>();
  private final Buffer dampings;
  private final Buffer omegas;
  private final Buffer traces;
  private final Buffer infos;
  private final Buffer gammas;

  /**
   * @param ranks that factorisations are shared out over; null for none
   * @param owners of the layers, of which the factors are this rank's
   */
  DampedInverses(
      Device device,
      Operations operations,
      Arena arena,
      Factors factors,
      Collective ranks,
      LayerOwners owners) {
    this.factors = factors;
    this.owners = owners;
    traceDamping = new TraceDamping(device);
    inverses(arena, factors, Q, G);
    int rungs = TraceDamping.CANDIDATES;
    int count = 2 * owners.layers();
    List<Matrix> undamped = interleaved(factors.allQ(), factors.allG());
    ladder = owners.shared() ? null : operations.ladder(arena, undamped, all(), rungs);
    agreed =
        owners.shared()
            ? new AgreedLadder(operations, arena, owners, undamped, all(), rungs)
            : null;
    shared =
        owners.shared() || ranks == null || ranks.size() == 1
            ? null
            : new SharedInverses(device, operations, arena, ranks, undamped, all());
    dampings = arena.floats((long) rungs * undamped.size(), "dampings");
    omegas = arena.floats(factors.layers(), "omegas");
    traces = arena.floats(count, "traces");
    infos = arena.ints((long) rungs * count, "infos");
    gammas = arena.floats(rungs, "gammas");
    Refreshes.clear(gammas, device.stream());
  }

  /** Damps with γ from device memory and factorises; climbs where a factor fails. */
  void refresh(long gamma, Stream s) {
    traceDamping.damping(
        s,
        factors.allQ(),
        factors.allG(),
        gamma,
        LADDER,
        factors.batches(),
        gammas.pointer(),
        dampings.pointer(),
        omegas.pointer(),
        agreed == null ? traces.pointer() : agreed.ownTraces());
    if (agreed != null) {
      agreed.run(s, dampings, infos, traces);
    } else if (shared == null || !shared.run(s, dampings.pointer(), infos.pointer())) {
      ladder.run(s, dampings.pointer(), infos.pointer());
    }
  }

  /** (Q + ωγ I)⁻¹ of every layer, lower triangles. */
  List<Matrix> Q() {
    return Q;
  }

  /** (G + γ/ω I)⁻¹ of every layer, lower triangles, or the diagonal where G is one. */
  List<Matrix> G() {
    return G;
  }

  /** Both, of Q_l at 2 l, of G_l at 2 l + 1. */
  List<Matrix> all() {
    return interleaved(Q, G);
  }

  /** Where the rungs' infos and γ are. */
  Control.Dampings rungs() {
    return new Control.Dampings(
        infos.pointer(), gammas.pointer(), TraceDamping.CANDIDATES, 2 * owners.layers());
  }

  /** Traces of the undamped factors at the last refresh, of Q_l at 2 l, of G_l at 2 l + 1. */
  long traces() {
    return traces.pointer();
  }

  /** γ of each rung, from the first refresh on. */
  Buffer gammas() {
    return gammas;
  }

  /** Waits; empty if a rung held, else what failed on the last one. */
  String failure(Stream s) {
    if (rung(s) >= 0) {
      return "";
    }
    int last = TraceDamping.CANDIDATES - 1;
    int count = 2 * owners.layers();
    int[] values = infos.downloadInts(TraceDamping.CANDIDATES * count, s);
    int failed = firstFailure(values, last * count, count);
    int own = failed - 2 * owners.first();
    if (owners.own(failed / 2) && factors.batches(own, s) == 0) {
      return FactorFailure.noBatch(failed);
    }
    float gamma = gammas.downloadFloats(TraceDamping.CANDIDATES, s)[last];
    return FactorFailure.notPositiveDefinite(failed, values[last * count + failed], gamma);
  }

  /** Waits for the stream; the first rung on which all factors succeeded, or −1. */
  int rung(Stream s) {
    int count = 2 * owners.layers();
    int[] values = infos.downloadInts(TraceDamping.CANDIDATES * count, s);
    for (int rung = 0; rung < TraceDamping.CANDIDATES; rung++) {
      if (firstFailure(values, rung * count, count) == count) {
        return rung;
      }
    }
    return -1;
  }

  /** The first of {@code count} infos behind {@code first} that is not 0; {@code count} if none. */
  private static int firstFailure(int[] infos, int first, int count) {
    int k = 0;
    while (k < count && infos[first + k] == 0) {
      k++;
    }
    return k;
  }

  /** Inverses, and the infos and γ that later updates judge them by. */
  void exchange(State state) {
    state.symmetrics("inverseQ", Q);
    state.symmetrics("inverseG", G);
    state.buffer("infos", infos);
    state.buffer("gammas", gammas);
  }

  /** Allocates inverses for all layers. */
  static void inverses(Arena arena, Factors factors, List<Matrix> Q, List<Matrix> G) {
    for (int l = 0; l < factors.layers(); l++) {
      int q = factors.Q(l).rows();
      Matrix G_l = factors.G(l);
      Q.add(arena.matrix(q, q, "inverse of Q" + (l + 1)));
      G.add(arena.matrix(G_l.rows(), G_l.columns(), "inverse of G" + (l + 1)));
    }
  }

  /** The order of factors in dampings and infos. */
  static List<Matrix> interleaved(List<Matrix> Q, List<Matrix> G) {
    List<Matrix> all = new ArrayList<>();
    for (int l = 0; l < Q.size(); l++) {
      all.add(Q.get(l));
      all.add(G.get(l));
    }
    return all;
  }
}
