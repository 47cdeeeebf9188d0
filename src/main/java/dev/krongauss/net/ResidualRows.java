package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.net.Residuals.Group;
import java.util.List;
import java.util.Locale;

/** Residuals at datapoints that are given on the host: what each group costs, and its check. */
final class ResidualRows {
  /** 2⁻¹⁷, near the cube root of the gap at 1: truncation and rounding are then alike. */
  private static final double STEP = 0x1p-17;

  private static final double TOLERANCE = 1e-6;
  private static final double ROUNDING = 1e-8;

  private final List<Group> groups;
  private final double[][] H;
  private final double[][] T;

  /** Derivatives seen and wrong, and the worst of these. */
  private static final class Findings {
    private long seen;
    private long wrong;
    private double worst;
    private String text = "";
  }

  /**
   * @throws IllegalArgumentException if these are not N rows
   */
  ResidualRows(Residuals residuals, float[] h, float[] t, int N) {
    Check.that(
        N >= 1 && h.length >= N && h.length % N == 0,
        "%,d outputs for %,d datapoints; give the rows of outputs one after the other, at least one",
        h.length,
        N);
    int d = h.length / N;
    int m = residuals.targets(d);
    Check.that(
        t.length == (long) N * m,
        "%,d targets for %,d datapoints; the residuals '%s' of %d outputs have %d columns of targets: give %,d",
        t.length,
        N,
        residuals,
        d,
        m,
        (long) N * m);
    residuals.count(d);
    this.groups = residuals.parts();
    this.H = rows(h, N, d);
    this.T = rows(t, N, m);
  }

  double[] objectives() {
    double[] sums = new double[groups.size()];
    for (int n = 0; n < H.length; n++) {
      for (int g = 0; g < sums.length; g++) {
        for (double r : residuals(groups.get(g), n)) {
          sums[g] += groups.get(g).value(r) / H.length;
        }
      }
    }
    return sums;
  }

  void check() {
    Findings findings = new Findings();
    for (int n = 0; n < H.length; n++) {
      for (Group group : groups) {
        check(group, n, findings);
      }
    }
    Check.that(
        findings.wrong == 0,
        "%s; %,d of %,d derivatives are wrong: correct derivatives(h, t, J), or residuals(h, t, r), and compute both in double",
        findings.text,
        findings.wrong,
        findings.seen);
  }

  private void check(Group group, int n, Findings findings) {
    int d = H[n].length;
    double[] here = residuals(group, n);
    double[][] J = new double[here.length][d];
    group.function().derivatives(H[n].clone(), T[n].clone(), J);
    double[][] up = new double[d][];
    double[][] down = new double[d][];
    for (int j = 0; j < d; j++) {
      up[j] = difference(group, n, j, step(H[n][j]), here);
      down[j] = difference(group, n, j, -step(H[n][j]), here);
    }
    for (int k = 0; k < here.length; k++) {
      double size = Math.abs(here[k]);
      for (int j = 0; j < d; j++) {
        size += Math.abs(up[j][k] + down[j][k]) / 2 * Math.max(1, Math.abs(H[n][j]));
      }
      for (int j = 0; j < d; j++) {
        double slack = ROUNDING * size / Math.max(1, Math.abs(H[n][j]));
        String where =
            "residuals '%s': the derivative of residual %d by output %d of datapoint %d"
                .formatted(group.name(), k, j, n);
        judge(where, J[k][j], up[j][k], down[j][k], slack, step(H[n][j]), findings);
      }
    }
  }

  private static void judge(
      String where,
      double given,
      double up,
      double down,
      double slack,
      double step,
      Findings findings) {
    double central = up / 2 + down / 2;
    double tolerance = TOLERANCE * Math.max(Math.abs(given), Math.abs(central)) + slack;
    double outside = Math.max(Math.min(up, down) - given, given - Math.max(up, down));
    boolean finite = Double.isFinite(given) && Double.isFinite(central);
    double times = finite ? outside / tolerance : Double.NaN;
    findings.seen++;
    if (finite && outside <= tolerance) {
      return;
    }
    findings.wrong++;
    // one that is not a number stays the worst
    if (!(times <= findings.worst) && !Double.isNaN(findings.worst)) {
      findings.worst = times;
      findings.text =
          String.format(
              Locale.ROOT,
              "%s is given as %.9g, the difference is %.9g (step %.3g, tolerance %.3g)",
              where,
              given,
              central,
              step,
              tolerance);
    }
  }

  private double[] difference(Group group, int n, int j, double step, double[] here) {
    double[] moved = H[n].clone();
    moved[j] += step;
    double[] r = new double[here.length];
    group.function().residuals(moved, T[n].clone(), r);
    for (int k = 0; k < r.length; k++) {
      r[k] = (r[k] - here[k]) / (H[n][j] + step - H[n][j]);
    }
    return r;
  }

  private static double step(double h) {
    return STEP * Math.max(1, Math.abs(h));
  }

  private double[] residuals(Group group, int n) {
    double[] r = new double[group.function().count(H[n].length)];
    group.function().residuals(H[n].clone(), T[n].clone(), r);
    return r;
  }

  private static double[][] rows(float[] values, int N, int columns) {
    double[][] rows = new double[N][columns];
    for (int i = 0; i < N * columns; i++) {
      rows[i / columns][i % columns] = values[i];
    }
    return rows;
  }
}
