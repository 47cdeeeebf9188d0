package dev.krongauss.kernel;

import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Beginning;

/**
 * The scalar decisions of an update, taken on the device so that the host never waits; {@code
 * kernels/control.cu}. Slots of the scalar block are the constants below, shared with the kernel
 * file.
 */
public final class Control {
  /** Mean loss of the batch. */
  public static final int LOSS = 0;

  /** ‖θ‖². */
  public static final int NORM2 = 1;

  /** ⟨Δ, g⟩, or ‖g‖² for first-order methods. */
  public static final int SLOPE = 2;

  /** ‖Δ‖². */
  public static final int DIRECTION2 = 3;

  /** E[vᵀ H v] along v = J Δ. */
  public static final int CURVATURE = 4;

  /** Step size α. */
  public static final int ALPHA = 5;

  /** λ. */
  public static final int LAMBDA = 6;

  /** γ as the rule has it, for the next refresh. */
  public static final int GAMMA = 7;

  /** Predicted change M = ½ (α ⟨Δ, g⟩ + μ ⟨V, g⟩), μ = 0 without momentum. */
  public static final int PREDICTED = 8;

  /** Reduction ratio ρ of the last λ step, NaN before the first. */
  public static final int RHO = 9;

  /** Mean loss after the update, on a λ step. */
  public static final int NEW_LOSS = 10;

  /** ‖θ‖² after the update, on a λ step. */
  public static final int NEW_NORM2 = 11;

  /** Loss plus η/2 ‖θ‖² before the update. */
  public static final int OBJECTIVE = 12;

  /** Learning rate of first-order methods. */
  public static final int LEARNING_RATE = 13;

  /** γ that the inverses in use were computed with. */
  public static final int FACTOR_GAMMA = 14;

  /** Weight μ of the update before, 0 without momentum. */
  public static final int MU = 15;

  /** int: 1 if the update is applied. */
  public static final int ACCEPTED = 16;

  /** int: lower 32 bits of the updates begun, which count the present one. */
  public static final int STEP = 17;

  /** int: lower 32 bits of the updates applied, which count the present one. */
  public static final int APPLIED = 18;

  /** int: rejected updates in a row, at most 2³¹ − 1. */
  public static final int REJECTED = 19;

  /** int: why an update was rejected, a sum of the REASON bits. */
  public static final int REASON = 20;

  /** int: index of the first factor that failed (2 l: Q, 2 l + 1: G; l from 0), or −1. */
  public static final int FAILED_FACTOR = 21;

  /** int: its 1-based column. */
  public static final int FAILED_COLUMN = 22;

  /** int: rung of the damping ladder that the inverses in use are from; the last if all failed. */
  public static final int RUNG = 23;

  /** int: candidate that the last γ step chose. */
  public static final int CHOICE = 24;

  /** int: upper 32 bits of {@link #STEP}. */
  public static final int STEP_HIGH = 25;

  /** int: upper 32 bits of {@link #APPLIED}. */
  public static final int APPLIED_HIGH = 26;

  /** int: lower 32 bits of the update that refreshes the factors next. */
  public static final int NEXT_REFRESH = 27;

  /** int: upper 32 bits of {@link #NEXT_REFRESH}. */
  public static final int NEXT_REFRESH_HIGH = 28;

  /** int: T, updates from a refresh of the factors to the next, as their drift has it. */
  public static final int REFRESH_EVERY = 29;

  /**
   * {@link #MIXED_MEASURES} floats that momentum is judged by, V being the update before: from here
   * ⟨V, g⟩, ‖V‖², E[wᵀ H w] with w = J V, ⟨Δ, V⟩, E[(v + s w)ᵀ H (v + s w)], E[(v − s w)ᵀ H (v − s
   * w)], s and −2 s.
   */
  public static final int MIXED = 32;

  /** Σ_l Δ_lᵀ 𝒢_ll Δ_l with the exact blocks of the batch; NaN where nothing asks for it. */
  public static final int BLOCK_CURVATURE = 40;

  /** Σ_l Δ_lᵀ (Q_l ⊗ G_l) Δ_l without damping; NaN where nothing asks for it. */
  public static final int MODELLED_CURVATURE = 41;

  /** κ, weight of the factors' own metric in the system of the layers' coefficients. */
  public static final int KAPPA = 42;

  /** μ, weight of the past in the gradients' average; 0 in the first updates. */
  public static final int GRADIENT_DECAY = 43;

  /** The best step that all layers have in common. */
  public static final int COMMON_STEP = 44;

  /** Decaying sum of ⟨step, g'⟩, g' the gradient of the batch after a step. */
  public static final int AGREED = 45;

  /** Decaying sum of ⟨step, g⟩, g the gradient of its own batch. */
  public static final int PROMISED = 46;

  /** ⟨step, g⟩ of the last applied step. */
  public static final int STEP_SLOPE = 47;

  /** Candidates of a γ step. */
  public static final int CANDIDATES = TraceDamping.CANDIDATES;

  /** Floats that a candidate is judged by: those of {@link #SLOPE} to {@link #CURVATURE}. */
  public static final int MEASURES = 3;

  /** Floats that the weight of the update before is judged by. */
  public static final int MIXED_MEASURES = 8;

  /** Places among them: ⟨V, g⟩. */
  public static final int PREVIOUS_SLOPE = 0;

  /** ‖V‖². */
  public static final int PREVIOUS2 = 1;

  /** E[wᵀ H w]. */
  public static final int PREVIOUS_CURVATURE = 2;

  /** ⟨Δ, V⟩. */
  public static final int INNER = 3;

  /** E[(v + s w)ᵀ H (v + s w)]. */
  public static final int PLUS = 4;

  /** E[(v − s w)ᵀ H (v − s w)]. */
  public static final int MINUS = 5;

  /** s, which makes v and s w alike; 0 if one of them has no curvature. */
  public static final int BALANCE = 6;

  /** −2 s. */
  public static final int BACK = 7;

  /** Slots of the scalar block, 4 bytes each. */
  public static final int SLOTS = 48;

  public static final int REASON_LOSS = 1;
  public static final int REASON_GRADIENT = 2;
  public static final int REASON_STEP = 4;
  public static final int REASON_FACTOR = 8;

  private final Function begin;
  private final Function balance;
  private final Function choose;
  private final Function rescale;
  private final Function reduction;

  public Control(Device device) {
    begin = device.function("control", "control_begin");
    balance = device.function("control", "control_balance");
    choose = device.function("control", "control_choose");
    rescale = device.function("control", "control_rescale");
    reduction = device.function("control", "control_reduction");
  }

  /** Counts the update and, if γ follows, sets γ = √(λ + η). */
  public void begin(Stream s, Beginning b) {
    begin.on(s).pointer(b.scalars()).f32(b.eta()).i32(b.gammaFollows() ? 1 : 0).launch();
  }

  /**
   * Infos and γ of a set of dampings on the device.
   *
   * @param infos address of ints {@code [dampings][factors]}: 0, or the column that failed
   * @param gammas address of floats {@code [dampings]}
   */
  public record Dampings(long infos, long gammas, int dampings, int factors) {}

  /**
   * Chooses the candidate with the lowest M among those whose factors are positive definite and
   * whose numbers are finite; the first one if there is none. Its measures and its γ become those
   * of the update, its infos and γ those of all rungs of the ladder.
   *
   * @param measures device address of floats {@code [CANDIDATES][MEASURES]}
   * @param mixed device address of floats {@code [CANDIDATES][MIXED_MEASURES]}; 0 without momentum
   * @param tried the candidates
   * @param ladder what {@link #rescale} will look at
   */
  public void choose(
      Stream s,
      long scalars,
      long measures,
      long mixed,
      Dampings tried,
      Dampings ladder,
      float eta,
      boolean rescaling) {
    Launch launch = choose.on(s).pointer(scalars).pointer(measures).pointer(mixed);
    launch.pointer(tried.infos()).pointer(tried.gammas());
    launch.pointer(ladder.infos()).pointer(ladder.gammas());
    launch.i32(ladder.dampings()).i32(ladder.factors()).f32(eta).i32(rescaling ? 1 : 0).launch();
  }

  /**
   * What {@link #rescale} goes by.
   *
   * @param eta L2 weight η
   * @param growth factor of λ after a rejection
   * @param greatest bound of λ then; √(greatest + η) is that of γ
   * @param rescaling whether α is chosen; otherwise it is 1
   * @param momentum whether {@link #MIXED} holds numbers, and μ is chosen
   * @param adaptLambda whether a rejection raises λ
   * @param adaptGamma whether γ has a rule of its own
   */
  public record Rules(
      float eta,
      float growth,
      float greatest,
      boolean rescaling,
      boolean momentum,
      boolean adaptLambda,
      boolean adaptGamma) {}

  /**
   * Writes s and −2 s to the places {@link #BALANCE} and {@link #BACK}.
   *
   * @param measures device address of {@link #MEASURES} floats of Δ
   * @param mixed device address of {@link #MIXED_MEASURES} floats, of which E[wᵀ H w] is there
   */
  public void balance(Stream s, long measures, long mixed) {
    balance.on(s).pointer(measures).pointer(mixed).launch();
  }

  /**
   * α* = −⟨Δ,g⟩ / (E[vᵀHv] + (λ+η)‖Δ‖²), or α and μ with momentum; M, the rung of the ladder, and
   * whether the update is applied. A rejected update raises an adapted λ, and an adapted γ with it.
   *
   * @param ladder rungs in the order they were tried in; one behind the first that succeeded is not
   *     looked at
   */
  public void rescale(Stream s, long scalars, Dampings ladder, Rules rules) {
    Launch launch = rescale.on(s).pointer(scalars);
    launch.pointer(ladder.infos()).pointer(ladder.gammas());
    launch.i32(ladder.dampings()).i32(ladder.factors());
    launch.f32(rules.eta()).f32(rules.growth()).f32(rules.greatest());
    launch.i32(rules.rescaling() ? 1 : 0).i32(rules.momentum() ? 1 : 0);
    launch.i32(rules.adaptLambda() ? 1 : 0).i32(rules.adaptGamma() ? 1 : 0).launch();
  }

  /**
   * ρ = (new objective − objective) / M; ρ &gt; ¾: λ ← λ·fall, ρ &lt; ¼ or not finite: λ ← λ/grow;
   * λ stays where M is below the rounding error of the objective.
   */
  public void reduction(
      Stream s, long scalars, float eta, float fall, float grow, float least, float greatest) {
    reduction.on(s).pointer(scalars).f32(eta).f32(fall).f32(grow).f32(least).f32(greatest).launch();
  }
}
