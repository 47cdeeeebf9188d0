package dev.krongauss.optim;

import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlExact;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.precondition.Rejection;
import java.nio.ByteBuffer;

/**
 * What one update did: a handle. The first reading call waits until the update is done, later ones
 * and an unread report cost nothing; {@link #available} says whether a call would wait. Safe to
 * keep: its numbers are taken out before their place in pinned memory is used again, 32 updates
 * later, or freed with the optimiser. Read from one thread, the optimiser's.
 *
 * <p>Read late, behind later updates, it says the same to the last bit, and so do the reports of
 * those: reading changes what comes after it in one case only. Where {@link #refreshed} says that
 * the update has taken new inverses, and the report is read before the next update and says that
 * they are of no use, that one refreshes again at once instead of when the schedule has it. {@link
 * LateReports} reads one update late and such updates at once.
 */
public final class StepReport {
  private final ReportSlot slot;
  private final int layers;
  private final boolean apart;
  private final boolean refreshed;
  private int[] bits; // null until they are there
  private boolean looked;

  /**
   * @param slot which hands over the numbers before it is used again
   * @param apart whether each of the layers has a step length behind the scalars
   */
  StepReport(ReportSlot slot, int layers, boolean apart, boolean refreshed) {
    this.slot = slot;
    this.layers = layers;
    this.apart = apart;
    this.refreshed = refreshed;
  }

  /** Numbers of a report. */
  static int numbers(int layers, boolean apart) {
    return Control.SLOTS + (apart ? layers : 0);
  }

  /**
   * Whether the loss of the batch was a finite number. Waits as the others do, but never changes
   * what later updates do.
   */
  public boolean finite() {
    return Float.isFinite(Float.intBitsToFloat(peek(Control.LOSS)));
  }

  /**
   * Whether the update has computed factors and inverses anew; false for first-order methods and
   * the exact step. Known without waiting.
   */
  public boolean refreshed() {
    return refreshed;
  }

  /** Whether reading does not wait: the update is done. */
  public boolean available() {
    return bits != null || slot.available();
  }

  /** Number of the update, from 1. */
  public long update() {
    looked = true;
    return number();
  }

  /** Mean loss of the batch before the update. */
  public double loss() {
    return real(Control.LOSS);
  }

  /** Loss plus η/2 ‖θ‖² before the update; equal to the loss for methods without L2. */
  public double objective() {
    return real(Control.OBJECTIVE);
  }

  /** Whether the update was applied; if not, the weights are bit for bit as before. */
  public boolean accepted() {
    return integer(Control.ACCEPTED) == 1;
  }

  /**
   * Step size α (the learning rate of first-order methods). Where layers have their own, {@link
   * #steps}, it is a₀ = |Σ r| / ΣΣ A: what one step for all would be, by the same curvature.
   */
  public double alpha() {
    return real(Control.ALPHA);
  }

  /** Step lengths of the layers, the first one first; {@link #alpha} for all where it is one. */
  public double[] steps() {
    double[] steps = new double[layers];
    for (int l = 0; l < layers; l++) {
      steps[l] = apart ? real(Control.SLOTS + l) : alpha();
    }
    return steps;
  }

  /** κ, the damping of the step lengths in the factors' metric; NaN where there is one length. */
  public double kappa() {
    return real(Control.KAPPA);
  }

  /** Weight μ of the update before in this one; 0 without momentum, NaN for first-order methods. */
  public double mu() {
    return real(Control.MU);
  }

  /** λ after the update; NaN for first-order methods. */
  public double lambda() {
    return real(Control.LAMBDA);
  }

  /** γ of the inverses in use, on whatever rung of the ladder; NaN for first-order methods. */
  public double gamma() {
    return real(Control.FACTOR_GAMMA);
  }

  /**
   * Rung of the damping ladder that the inverses in use are from: 0 where γ was enough, 1 for 10 γ,
   * 2 for 100 γ, which is also reported if that failed.
   */
  public int rung() {
    return integer(Control.RUNG);
  }

  /**
   * Change of the objective predicted by the quadratic model, M ≤ 0. NaN for first-order methods,
   * and where neither rescaling nor λ needs it.
   */
  public double predictedChange() {
    return real(Control.PREDICTED);
  }

  /**
   * ρ of the last update at which it was computed (every T1); NaN before, and for first-order
   * methods.
   */
  public double reductionRatio() {
    return real(Control.RHO);
  }

  /**
   * ΔᵀCΔ with the exact Gauss-Newton matrix C of the batch, without damping; of the part of it that
   * lengths come from where each layer has its own. NaN for first-order methods, and where no rule
   * needs it.
   */
  public double exactCurvature() {
    return real(Control.CURVATURE);
  }

  /**
   * Σ_l Δ_lᵀ C_ll Δ_l with the diagonal blocks of C alone; at least {@link #exactCurvature} over
   * the number of layers. NaN without {@code diagnostics}.
   */
  public double blockCurvature() {
    return real(Control.BLOCK_CURVATURE);
  }

  /**
   * Σ_l Δ_lᵀ (Q_l ⊗ G_l) Δ_l with the moving averages, without damping: what the factors take the
   * curvature along Δ for. {@link #exactCurvature} over it is by how much they underestimate it.
   * NaN without {@code diagnostics}.
   */
  public double modelledCurvature() {
    return real(Control.MODELLED_CURVATURE);
  }

  /**
   * Whether an exact update found nothing left to gain, and left the weights: by its gradient, its
   * step, or its predicted change. It is neither accepted nor rejected. Always false for others.
   */
  public boolean converged() {
    return integer(ControlExact.CONVERGED) != 0;
  }

  /**
   * What an exact update converged by, with the numbers; empty if it did not.
   *
   * @see #converged
   */
  public String convergence() {
    return ExactReport.convergence(
        integer(ControlExact.CONVERGED),
        real(ControlExact.GRADIENT2),
        real(Control.DIRECTION2),
        predictedChange());
  }

  /**
   * Relative error of an exact update's step in the norm of the damped matrix: what its residual
   * and rounding say, without that of the forward pass, and where it is not {@link #solved} to
   * about a half of itself; without a meaning for other optimisers.
   */
  public double solveError() {
    return real(ControlExact.SOLVE_ERROR);
  }

  /** Whether {@link #solveError} is at most 1e-5. */
  public boolean solved() {
    return solveError() <= 1e-5;
  }

  /** 2 ‖a‖ / ‖Δ‖ of an exact update, a the acceleration; NaN where it was not asked for. */
  public double bending() {
    return real(ControlExact.BENDING);
  }

  /** Whether the step of an exact update is Δ + ½ a: {@link #bending} is at most ¾. */
  public boolean bent() {
    return bending() <= 0.75 && integer(ControlExact.BENT) != 0;
  }

  /** Rejected updates in a row, counting this one; at most 2³¹ − 1. */
  public int rejectedInARow() {
    return integer(Control.REJECTED);
  }

  /** Why the update was rejected, in words; empty if it was accepted, or has converged. */
  public String problem() {
    String exact = ExactReport.problem(integer(Control.REASON), integer(Control.FAILED_COLUMN));
    if (!exact.isEmpty()) {
      return exact;
    }
    return Rejection.inWords(
        integer(Control.REASON),
        loss(),
        alpha(),
        integer(Control.FAILED_FACTOR),
        integer(Control.FAILED_COLUMN),
        gamma());
  }

  @Override
  public String toString() {
    return ReportWords.of(this);
  }

  /** Whether each layer has a step length of its own. */
  boolean apart() {
    return apart;
  }

  /** {@link #update()}, without counting as a look at the report. */
  long number() {
    return Count.of(peek(Control.STEP), peek(Control.STEP_HIGH));
  }

  /** A slot that is an int, without counting as a look at the report. */
  int peek(int which) {
    if (bits == null) {
      slot.await();
    }
    return bits[which];
  }

  /**
   * Whether somebody has looked at the report, and it says that the inverses are of no use. What
   * follows from it depends on the caller's program, not on how fast the device is.
   */
  boolean knownFactorFailure() {
    return looked && (peek(Control.REASON) & Control.REASON_FACTOR) != 0;
  }

  /** Keeps the numbers of its update. */
  void take(ByteBuffer numbers) {
    bits = new int[numbers(layers, apart)];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = numbers.getInt(4 * i);
    }
  }

  private double real(int which) {
    return Float.intBitsToFloat(integer(which));
  }

  private int integer(int which) {
    looked = true;
    return peek(which);
  }
}
