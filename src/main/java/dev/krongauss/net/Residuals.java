package dev.krongauss.net;

import dev.krongauss.device.Check;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Residuals r(h, t) of one's own for {@link Loss#residuals}, in one or several groups g, each with
 * a name, a weight w and a robust loss ρ: of a datapoint
 *
 * <p>E = Σ_g w_g Σ_k ½ C_g² ρ_g((r_k / C_g)²),
 *
 * <p>which is ½ Σ r_k² without any settings. ρ and C are {@code loss} and {@code f_scale} of {@code
 * scipy.optimize.least_squares}, by the same definitions; a weight multiplies the group's part of
 * the loss, not its residuals.
 *
 * <p>The gradient is Σ w ρ' r_k ∂r_k, the curvature Σ w ρ' ∂r_k ∂r_kᵀ with ρ' at (r_k / C)²: that
 * of iteratively reweighted least squares. It is positive semidefinite, of rank K, and exact for
 * residuals that are linear in the outputs, without ρ; second derivatives of r and of ρ do not
 * enter.
 *
 * <p>Immutable; each setting gives another one.
 */
public final class Residuals {
  private final List<Group> groups;
  private final int rows;

  /** Residuals with their settings. */
  record Group(ResidualFunction function, double weight, Rho rho, double scale) {
    Group {
      Objects.requireNonNull(function.name(), "name of the residuals");
    }

    String name() {
      return function.name();
    }

    /** E of one residual. */
    double value(double r) {
      return 0.5 * weight * scale * scale * rho.value(square(r));
    }

    /** w ρ' of one residual. */
    double slope(double r) {
      return weight * rho.slope(square(r));
    }

    private double square(double r) {
      return (r / scale) * (r / scale);
    }

    private String text() {
      String text = name();
      if (weight != 1) {
        text = weight + " " + text;
      }
      return rho == Rho.LINEAR ? text : String.format(Locale.ROOT, "%s, %s %s", text, rho, scale);
    }
  }

  private Residuals(List<Group> groups, int rows) {
    this.groups = List.copyOf(groups);
    this.rows = rows;
  }

  /** One group, of weight 1 and without a robust loss. */
  public static Residuals of(ResidualFunction function) {
    return new Residuals(
        List.of(new Group(Objects.requireNonNull(function, "function"), 1, Rho.LINEAR, 1)), 1);
  }

  /**
   * Several groups over the same outputs and targets, each with its settings.
   *
   * @throws IllegalArgumentException if there are none, two have one name, or they are of different
   *     numbers of rows
   */
  public static Residuals groups(Residuals... parts) {
    List<Group> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Residuals part : parts) {
      Check.that(
          part.rows == parts[0].rows,
          "residuals %s are of %d rows, %s of %d; all groups see the same rows",
          parts[0].names(),
          parts[0].rows,
          part.names(),
          part.rows);
      for (Group group : part.groups) {
        Check.that(
            names.add(group.name()),
            "two groups of residuals have the name '%s'; give each a name of its own",
            group.name());
        all.add(group);
      }
    }
    Check.that(!all.isEmpty(), "no groups of residuals; give at least one");
    return new Residuals(all, parts[0].rows);
  }

  /**
   * Lets a datapoint be m rows of a batch, one behind the other: residuals that need the network at
   * several inputs at once, as differences of neighbouring points do. The functions get m d
   * outputs, output j of row u at {@code u * d + j}, and m rows of targets in the same way; the
   * objective is the mean over the datapoints, not over the rows.
   *
   * <p>First-order optimisers and {@code GaussNewton.exact()} take them; what keeps Kronecker
   * factors refuses them. {@link #objectives} and {@link #check} are given N datapoints of m d
   * outputs.
   *
   * @param m rows of a datapoint, at least 1
   * @throws IllegalArgumentException if it is less
   */
  public Residuals stacked(int m) {
    Check.that(m >= 1, "datapoints of %d rows for residuals %s; give at least 1", m, names());
    return new Residuals(groups, m);
  }

  /** Rows of a batch that are one datapoint; 1 unless {@link #stacked}. */
  public int rows() {
    return rows;
  }

  /**
   * Multiplies the weights of all its groups, 1 at first.
   *
   * @throws IllegalArgumentException unless it is positive and finite
   */
  public Residuals weight(double factor) {
    Check.that(
        factor > 0 && Double.isFinite(factor),
        "weight %s of residuals %s; weights are positive and finite: leave out a group that shall not count",
        factor,
        names());
    return each(g -> new Group(g.function, g.weight * factor, g.rho, g.scale));
  }

  /**
   * Huber's loss: ½ r² up to |r| = delta, delta (|r| − delta / 2) beyond; ρ' = delta / |r| there.
   *
   * @throws IllegalArgumentException unless it is positive and finite
   */
  public Residuals huber(double delta) {
    return rho(Rho.HUBER, delta);
  }

  /**
   * A smooth one between ½ r² and c |r|: c² (√(1 + (r / c)²) − 1).
   *
   * @throws IllegalArgumentException unless c is positive and finite
   */
  public Residuals softL1(double c) {
    return rho(Rho.SOFT_L1, c);
  }

  /**
   * Cauchy's loss, ½ c² log(1 + (r / c)²): outliers lose all influence, and minima may be local.
   *
   * @throws IllegalArgumentException unless c is positive and finite
   */
  public Residuals cauchy(double c) {
    return rho(Rho.CAUCHY, c);
  }

  /**
   * ½ c² arctan((r / c)²): bounded, so that minima may be local.
   *
   * @throws IllegalArgumentException unless c is positive and finite
   */
  public Residuals arctan(double c) {
    return rho(Rho.ARCTAN, c);
  }

  /** Names of the groups, in order. */
  public List<String> names() {
    return groups.stream().map(Group::name).toList();
  }

  /**
   * Each group's part of the objective, weight and robust loss included, in the order of {@link
   * #names}: the mean over the datapoints, in double.
   *
   * @param h outputs of the network [N][d], as {@link Network#predict} gives them
   * @param t targets [N][targets]
   * @param N datapoints
   * @throws IllegalArgumentException if these are not N rows
   */
  public double[] objectives(float[] h, float[] t, int N) {
    return new ResidualRows(this, h, t, N).objectives();
  }

  /**
   * Holds all derivatives against differences of the residuals, in double; nothing is said of right
   * ones.
   *
   * <p>Output j is moved by a step s = 2⁻¹⁷ max(1, |h_j|), up and down. A derivative is right if it
   * lies between the two one-sided differences, or outside by no more than 10⁻⁶ of the larger one
   * of it and the central difference plus 10⁻⁸ of the residual's size, |r_k| + Σ_i |∂r_k/∂h_i|
   * max(1, |h_i|), over max(1, |h_j|). A kink, as in |h|, may have any slope between those of its
   * sides. Residuals that change their slope within a step, as exp(10⁵ h), cannot be judged so:
   * scale the outputs.
   *
   * @param h outputs of the network [N][d]; few datapoints suffice, of those that occur
   * @param t targets [N][targets]
   * @param N datapoints
   * @throws IllegalArgumentException if these are not N rows, or a derivative is wrong: the message
   *     names the group, residual, output and datapoint of the worst one, counted from 0, what is
   *     given, the central difference, step and tolerance, and how many are wrong
   */
  public void check(float[] h, float[] t, int N) {
    new ResidualRows(this, h, t, N).check();
  }

  /** The groups' names and settings. */
  @Override
  public String toString() {
    String text = String.join("; ", groups.stream().map(Group::text).toList());
    return rows == 1 ? text : text + "; " + rows + " rows a datapoint";
  }

  List<Group> parts() {
    return groups;
  }

  /**
   * Columns of the targets.
   *
   * @throws IllegalArgumentException if the groups want different numbers of them
   */
  int targets(int outputs) {
    int columns = groups.get(0).function.targets(outputs);
    for (Group group : groups) {
      int own = group.function.targets(outputs);
      Check.that(
          own == columns,
          "residuals '%s' have %d columns of targets, '%s' have %d; all groups see the same row: let each say its width",
          groups.get(0).name(),
          columns,
          group.name(),
          own);
    }
    return columns;
  }

  /** K of all groups. */
  int count(int outputs) {
    int sum = 0;
    for (Group group : groups) {
      int own = group.function.count(outputs);
      Check.that(
          own >= 1,
          "residuals '%s' are %d for %d outputs; at least 1 is needed",
          group.name(),
          own,
          outputs);
      sum = Math.addExact(sum, own);
    }
    return sum;
  }

  private Residuals rho(Rho rho, double scale) {
    Check.that(
        scale > 0 && Double.isFinite(scale),
        "%s with scale %s for residuals %s; it is the size from which a residual counts as an outlier, positive and finite",
        rho,
        scale,
        names());
    return each(g -> new Group(g.function, g.weight, rho, scale));
  }

  private Residuals each(UnaryOperator<Group> change) {
    return new Residuals(groups.stream().map(change).toList(), rows);
  }
}
