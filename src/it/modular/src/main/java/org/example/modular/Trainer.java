package org.example.modular;

import dev.krongauss.Krongauss;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;

/** Trains a small autoencoder for a few updates and says what it ran on. */
public final class Trainer {
  private static final int UPDATES = 8;

  private Trainer() {}

  public static void main(String[] arguments) {
    System.out.printf(
        "%s of %s%n",
        Krongauss.version(), Krongauss.class.getModule().isNamed() ? "a module" : "the class path");
    try (Device device = Device.open();
        Network net =
            Network.input(784)
                .dense(12, Activation.TANH)
                .dense(784, Activation.IDENTITY)
                .build(device, 1);
        Batches batches = Batches.of(device, Curves.generate(100, 1), 50, 1);
        Optimizer optimizer =
            GaussNewton.kfra()
                .operations(Operations.Mode.AUTO) // a type of an inner package, which is exported
                .build(net, Loss.bernoulli())) {
      System.out.printf("context %s, %s%n", device.context() != null, device.reason());
      double first = optimizer.step(batches.next()).objective();
      double last = first;
      for (int i = 1; i < UPDATES; i++) {
        last = optimizer.step(batches.next()).objective();
      }
      System.out.printf("objective %.4f to %.4f%n", first, last);
      if (!(last < 0.9 * first)) {
        throw new IllegalStateException("it does not learn");
      }
      System.out.println("trained");
    }
  }
}
