package dev.krongauss.curvature;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/**
 * KFRA's recursion among ranks that have the factors of neighbouring layers each; every rank calls
 * both, in this order, and its own part of the recursion is between them.
 */
public interface RecursionHandover {
  /** Of one rank that has all layers. */
  RecursionHandover NONE =
      new RecursionHandover() {
        @Override
        public void receive(Matrix G, Stream s) {}

        @Override
        public void give(Matrix G, Stream s) {}
      };

  /** Writes Ḡ of this rank's last layer, lower triangle, where it is not the network's last. */
  void receive(Matrix G, Stream s);

  /**
   * Takes Ḡ of the layer below this rank's first one.
   *
   * @param G null where that is the network's first
   */
  void give(Matrix G, Stream s);
}
