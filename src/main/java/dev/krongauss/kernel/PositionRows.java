package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.PositionSet;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * Rows for the second moments of a layer whose weights are shared by positions ({@code
 * kernels/position_rows.cu}).
 */
public final class PositionRows {
  /** Columns of a block of the sums. */
  private static final int COLUMNS = 128;

  private final Function total;
  private final Function rows;
  private final Function sum;

  /**
   * How a row is scaled: by √(g/D), with D the total of the weights or the number of datapoints.
   *
   * @param datapoints whether D is the number of datapoints with any weight
   * @param times whether rows are multiplied by D besides, being gradients of a mean over D
   * @param average whether a sum over positions is divided by their weights
   */
  public record Scale(boolean datapoints, boolean times, boolean average) {}

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public PositionRows(Device device) {
    total = device.function("position_rows", "position_rows_f32__total");
    rows = device.function("position_rows", "position_rows_f32");
    sum = device.function("position_rows", "position_rows_f32__sum");
  }

  /**
   * The two totals of a mask or of lengths.
   *
   * @param p whose totals are written, where it says
   * @throws IllegalArgumentException if p has no totals
   */
  public void total(Stream s, PositionSet p) {
    Elements.address(p.totals(), "totals");
    p.write(total.on(s).block(Tiles.THREADS, 1, 1)).pointer(p.totals()).launch();
  }

  /**
   * Y row i K + k = f X row j K + k, the row j drawn of group begin + i.
   *
   * @param X {@code [N T K][d]}
   * @param begin the group of Y's first row
   * @param scale {@code average} is of no meaning
   * @param Y {@code [n K][d]}, or {@code [n K][d + 1]} whose last column becomes that of a 1 in X
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void take(Stream s, PositionSet p, Matrix X, int begin, Scale scale, Matrix Y) {
    int K = rank(p, X);
    boolean one = one(X, Y, 1);
    checkGroups(p, p.rows(), begin, Y, K);
    Matrix body = Y.columns(X.columns());
    Launch launch = Elements.grid(rows.on(s), body);
    p.write(launch).matrix(X).i32(X.stride()).matrix(Y).i32(Y.stride());
    launch.i32(Y.rows()).i32(X.columns()).i32(Elements.whole(X, body)).i32(K).i32(begin);
    flags(launch, scale).i32(one ? 1 : 0).launch();
  }

  /**
   * Y row i K + k = f Σ_t v_t X row (n T + t) K + k, the datapoint n drawn of group begin + i.
   *
   * @param X {@code [N T K][d]}
   * @param begin the group of Y's first row
   * @param Y {@code [n K][d]}, or {@code [n K][d + 1]} whose last column becomes that of a 1 in X
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void sum(Stream s, PositionSet p, Matrix X, int begin, Scale scale, Matrix Y) {
    launchSum(s, p, X, null, begin, scale, one(X, Y, 1), false, Y);
  }

  /**
   * Y row i K + k = f [Σ_t v_t x ∘ S row n T + t, Σ_t v_t x] with x = X row (n T + t) K + k:
   * gradients of a scale and a shift.
   *
   * @param X {@code [N T K][d]}
   * @param S what is scaled, {@code [N T][d]}
   * @param begin the group of Y's first row
   * @param scale {@code average} is of no meaning
   * @param Y {@code [n K][2 d]}, or {@code [n K][d]} for a scale alone
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void sum(Stream s, PositionSet p, Matrix X, Matrix S, int begin, Scale scale, Matrix Y) {
    Check.shape(S, p.rows(), X.columns(), "S");
    launchSum(s, p, X, S, begin, scale, false, one(X, Y, X.columns()), Y);
  }

  private void launchSum(
      Stream s,
      PositionSet p,
      Matrix X,
      Matrix S,
      int begin,
      Scale scale,
      boolean one,
      boolean shift,
      Matrix Y) {
    int K = rank(p, X);
    checkGroups(p, p.datapoints(), begin, Y, K);
    int d = X.columns();
    Launch launch = sum.on(s).grid(Y.rows(), Tiles.up(d, COLUMNS), 1).block(Tiles.THREADS, 1, 1);
    p.write(launch).matrix(X).i32(X.stride());
    launch.pointer(S == null ? 0 : S.pointer()).i32(S == null ? 0 : S.stride());
    launch.matrix(Y).i32(Y.stride()).i32(d).i32(Elements.whole(X, S, Y.columns(d)));
    launch.i32(K).i32(begin);
    flags(launch, scale).i32(one ? 1 : 0).i32(scale.average() ? 1 : 0).i32(shift ? 1 : 0).launch();
  }

  private static Launch flags(Launch launch, Scale scale) {
    return launch.i32(scale.datapoints() ? 1 : 0).i32(scale.times() ? 1 : 0);
  }

  /** K of [N T K] rows. */
  private static int rank(PositionSet p, Matrix X) {
    Check.that(
        X.rows() % p.rows() == 0,
        "X has %d rows; %d datapoints of %d positions need a multiple of %d",
        X.rows(),
        p.datapoints(),
        p.positions(),
        p.rows());
    return X.rows() / p.rows();
  }

  /** Whether Y has {@code more} columns behind those of X. */
  private static boolean one(Matrix X, Matrix Y, int more) {
    int d = X.columns();
    Check.that(
        Y.columns() == d || Y.columns() == d + more,
        "Y has %d columns; X has %d, of which come %d or %d",
        Y.columns(),
        d,
        d,
        d + more);
    Tiles.distinct(Y, X, "Y", "X");
    return Y.columns() > d;
  }

  private static void checkGroups(PositionSet p, int members, int begin, Matrix Y, int K) {
    int groups = p.groups(members);
    Check.that(
        begin >= 0 && Y.rows() % K == 0 && Y.rows() / K <= groups - begin,
        "%d rows of Y for groups %d to %d, %d rows each",
        Y.rows(),
        begin,
        groups - 1,
        K);
  }
}
