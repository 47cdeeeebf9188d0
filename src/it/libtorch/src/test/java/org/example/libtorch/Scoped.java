package org.example.libtorch;

import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Frees the tensors that a piece of work makes when it ends. Without it they wait for Java's
 * garbage collector, which sees handles of some bytes and not what lies behind them.
 */
final class Scoped {
  private Scoped() {}

  @SuppressWarnings("try") // scopes are there to be closed
  static void run(Runnable work) {
    try (PointerScope scope = new PointerScope()) {
      work.run();
    }
  }

  /** The same without a record for autograd: for what reads gradients or moves weights. */
  @SuppressWarnings("try")
  static void withoutGrad(Runnable work) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      work.run();
    }
  }

  /** The same with a result. */
  @SuppressWarnings("try")
  static double valueWithoutGrad(DoubleSupplier work) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      return work.getAsDouble();
    }
  }
}
