package dev.krongauss.bench.compare;

import dev.krongauss.optim.StepReport;

/** An update that is on its way. */
interface Launched {
  /**
   * Mean loss of its batch; waits for the update.
   *
   * @throws dev.krongauss.device.DeviceException if it has failed on the device
   */
  double loss();

  /** Whether it is to be read before the next one is launched, which may depend on that. */
  default boolean readAtOnce() {
    return false;
  }

  /**
   * The loss is taken without a weight penalty, which not every optimiser has, so that all draw the
   * same thing.
   */
  static Launched of(StepReport report) {
    return new Launched() {
      @Override
      public double loss() {
        return report.loss();
      }

      @Override
      public boolean readAtOnce() {
        return report.refreshed();
      }
    };
  }
}
