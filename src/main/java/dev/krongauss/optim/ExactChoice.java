package dev.krongauss.optim;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Whether {@link GaussNewton#auto} takes the exact step: where the batch determines the weights, P
 * ≤ N K, an update costs at most three of KFRA's by {@link ExactCost}, and its memory fits the
 * budget.
 *
 * @param taken whether it does
 * @param reason why, with the numbers
 */
record ExactChoice(boolean taken, String reason) {
  /** Updates by KFRA that an exact one may cost. */
  static final double MOST_UPDATES = 3;

  /**
   * For a model, its loss and N rows a batch. Rows that are coupled leave no other choice.
   *
   * @param budgetBytes memory that an exact update may take
   */
  static ExactChoice of(Model model, LossFunction loss, int N, long budgetBytes) {
    return of(ExactMemory.widths(model.parameters()), N, loss, budgetBytes);
  }

  /** The same for widths d_0 … d_L. */
  static ExactChoice of(int[] widths, int N, LossFunction loss, long budgetBytes) {
    if (loss.stack() > 1) {
      String reason = "exact: loss '%s' couples %d rows, which Kronecker factors do not take";
      return new ExactChoice(true, String.format(reason, loss.name(), loss.stack()));
    }
    int K = loss.rank(widths[widths.length - 1]);
    return of(widths, N, K, loss.diagonalHessian(), budgetBytes);
  }

  /**
   * Why the exact step is out of the question whatever the batch; empty if it is not.
   *
   * @param outputs d_L
   * @param options as they were asked for, before defaults
   */
  static String never(int outputs, LossFunction loss, GaussNewtonOptions options) {
    String option = optionOfFactors(options);
    if (!option.isEmpty()) {
      return "exact() has no " + option;
    }
    if (loss.rank(outputs) == 0) {
      return "exact() needs a square root, which loss '" + loss.name() + "' does not give";
    }
    return "";
  }

  /**
   * @param widths d_0 … d_L
   * @param N datapoints of a batch
   * @param K residuals of a datapoint
   * @param diagonalTop whether G of the last layer would be diagonal
   */
  static ExactChoice of(int[] widths, int N, int K, boolean diagonalTop, long budgetBytes) {
    long P = ExactMemory.parameters(widths);
    long residuals = (long) N * K;
    double updates =
        ExactCost.exact(ExactSpace.PARAMETER, widths, N, K)
            / ExactCost.kfra(widths, N, diagonalTop, new GaussNewtonOptions().usualRefresh());
    long bytes = ExactMemory.ofOptimizer(ExactSpace.PARAMETER, widths, N, K);
    boolean taken = P <= residuals && updates <= MOST_UPDATES && bytes <= budgetBytes;
    String reason =
        String.format(
            Locale.ROOT,
            "%s: %,d residuals of a batch %s the %,d weights, an exact update costs %.3g of KFRA's (at"
                + " most %.3g) and takes %.4g MiB (budget %.4g MiB)",
            taken ? "exact" : "not exact()",
            residuals,
            P <= residuals ? "determine" : "do not determine",
            P,
            updates,
            MOST_UPDATES,
            bytes / (double) (1 << 20),
            budgetBytes / (double) (1 << 20));
    return new ExactChoice(taken, reason);
  }

  /** The first option asked for that only Kronecker factors have; empty for none. */
  private static String optionOfFactors(GaussNewtonOptions asked) {
    GaussNewtonOptions usual = new GaussNewtonOptions();
    Map<String, Boolean> options = new LinkedHashMap<>();
    options.put("scalarStep()", asked.scalarStep);
    options.put("lambda(...) of factors", asked.lambda != null);
    options.put("gamma(...)", asked.gamma != usual.gamma);
    options.put("adaptGamma(true)", asked.adaptGamma);
    options.put("gammaEvery(...)", asked.gammaEvery != usual.gammaEvery);
    options.put("leastGamma(...)", asked.leastGamma != usual.leastGamma);
    options.put("adaptLambda(false)", !asked.adaptLambda);
    options.put("leastLambda(...) of factors", asked.leastLambda != null);
    options.put("decay(...)", asked.decay != usual.decay);
    options.put("refreshEvery(...)", asked.refreshEvery != null);
    options.put("reductionEvery(...)", asked.reductionEvery != usual.reductionEvery);
    options.put("rescaling(false)", !asked.rescaling);
    options.put("momentum(true)", asked.momentum);
    options.put("averageIterates(...)", asked.averages);
    options.put("diagnostics(true)", asked.diagnostics);
    options.put("expectedTop(...)", asked.expectedTop != null);
    return options.entrySet().stream()
        .filter(Map.Entry::getValue)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }
}
