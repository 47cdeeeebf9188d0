package dev.krongauss.optim;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;

/** A report in one line. */
final class ReportWords {
  private ReportWords() {}

  static String of(StepReport report) {
    return String.format(
        Locale.ROOT,
        "update %d: objective %.6g, %s, lambda %.3g, gamma %.3g%s, ratio %.3g, %s",
        report.update(),
        report.objective(),
        lengths(report),
        report.lambda(),
        report.gamma(),
        report.rung() == 0 ? "" : " (rung " + (report.rung() + 1) + ")",
        report.reductionRatio(),
        outcome(report));
  }

  private static String outcome(StepReport report) {
    if (report.converged()) {
      return "converged: " + report.convergence();
    }
    return report.accepted() ? "accepted" : "rejected: " + report.problem();
  }

  private static String lengths(StepReport report) {
    if (!report.apart()) {
      return String.format(Locale.ROOT, "alpha %.3g", report.alpha());
    }
    DoubleSummaryStatistics steps = Arrays.stream(report.steps()).summaryStatistics();
    return String.format(
        Locale.ROOT,
        "steps %.3g to %.3g, kappa %.3g",
        steps.getMin(),
        steps.getMax(),
        report.kappa());
  }
}
