package dev.krongauss.net;

import dev.krongauss.model.LossFunction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Losses as a file names them: {@code squared}, {@code mixture (logit)}, {@code weighted softmax},
 * and {@code own:NAME} for a loss of a user's own, whose code no file holds.
 */
public final class LossNames {
  private static final String OWN = "own:";
  private static final String WEIGHTED = "weighted ";
  private static final Map<String, Supplier<LossFunction>> BUILT_IN = builtIn();

  private LossNames() {}

  /** The name of a loss; what no file can bring back is a user's own. */
  public static String of(LossFunction loss) {
    if (loss instanceof WeightedLoss weighted) {
      return WEIGHTED + of(weighted.base());
    }
    boolean known = loss instanceof BuiltInLoss || loss instanceof MixtureLoss;
    return known ? loss.name() : OWN + loss.name();
  }

  /**
   * The name without weights.
   *
   * @throws IllegalArgumentException if no loss has that name
   */
  static String inner(String name) {
    String inner = name.startsWith(WEIGHTED) ? name.substring(WEIGHTED.length()) : name;
    if (!isOwn(inner) && !BUILT_IN.containsKey(inner)) {
      throw new IllegalArgumentException(
          "loss '%s' is not known; this version has %s, each also as 'weighted NAME', and own:NAME for one of a user's own"
              .formatted(name, BUILT_IN.keySet()));
    }
    return inner;
  }

  /**
   * The loss of a name.
   *
   * @throws IllegalArgumentException if no loss has that name
   * @throws IllegalStateException for a user's own
   */
  static LossFunction loss(String name) {
    String inner = inner(name);
    if (isOwn(inner)) {
      throw new IllegalStateException(
          "loss '%s' is one of your own, whose code the file does not hold; build it as where the model was trained"
              .formatted(inner.substring(OWN.length())));
    }
    LossFunction loss = BUILT_IN.get(inner).get();
    return name.equals(inner) ? loss : Loss.weighted(loss);
  }

  private static boolean isOwn(String name) {
    return name.startsWith(OWN);
  }

  private static Map<String, Supplier<LossFunction>> builtIn() {
    Map<String, Supplier<LossFunction>> losses = new LinkedHashMap<>();
    losses.put("squared", Loss::squared);
    losses.put("bernoulli", Loss::bernoulli);
    losses.put("softmax", Loss::softmax);
    losses.put("mixture (outcome)", () -> Loss.mixture(Loss.Split.OUTCOME));
    losses.put("mixture (logit)", () -> Loss.mixture(Loss.Split.LOGIT));
    return losses;
  }
}
