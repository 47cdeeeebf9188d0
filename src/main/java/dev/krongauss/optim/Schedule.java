package dev.krongauss.optim;

import dev.krongauss.device.Check;

/**
 * A learning rate that is halved every so many updates, as the paper's baselines do.
 *
 * @param initial rate of the first updates
 * @param halveEvery updates between halvings; 0 for a constant rate
 */
record Schedule(float initial, int halveEvery) {
  Schedule {
    Check.that(
        initial > 0 && Float.isFinite(initial),
        "learning rate %s must be positive and finite, for example 1e-3",
        initial);
    Check.that(halveEvery >= 0, "halving every %d updates; 0 means never", halveEvery);
  }
}
