package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Loss.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradients at targets drawn from the model: every draw is repeated on the host from the same
 * random words. Where a uniform number is so near to a threshold that rounding may decide, both
 * outcomes are right.
 */
final class SampledGradientCase extends LossCase {
  private static final long SEED = 0x1234_5678_9abc_def0L;
  private static final int STEP = 41;

  private SampledGradientCase(Kind kind) {
    super("loss/sampled-gradient", kind);
  }

  static List<KernelCase> all() {
    return List.of(
        new SampledGradientCase(Kind.SQUARED),
        new SampledGradientCase(Kind.BERNOULLI),
        new SampledGradientCase(Kind.SOFTMAX));
  }

  /** With a size of many draws, so that a cumulative that is off by 1e-4 is seen. */
  @Override
  public List<Size> sizes() {
    List<Size> sizes = new ArrayList<>(super.sizes());
    sizes.add(Size.of("N", 5003, "d", 37));
    return sizes;
  }

  @Override
  public void run(Trial trial) {
    int rows = trial.size("N");
    int d = trial.size("d");
    Host h = LossInputs.logits(trial, rows, d);
    Matrix logits = trial.input(h);
    Matrix gradient = trial.output(rows, d);
    Buffer step = trial.ints(STEP);
    Loss loss = new Loss(trial.device());
    trial.launch(s -> loss.sampledGradient(s, kind, logits, SEED, step.pointer(), gradient));
    Host got = trial.download(gradient);
    LossReference[] reference = references(kind, h);
    switch (kind) {
      case SQUARED -> trial.check("gradient", got, SampledGradientCase::normal);
      case BERNOULLI -> trial.check("gradient", got, (n, j) -> bit(h.at(n, j), got.at(n, j), n, j));
      case SOFTMAX -> {
        int[] drawn = new int[rows];
        for (int n = 0; n < rows; n++) {
          drawn[n] = drawn(reference[n], got, n);
        }
        trial.check("gradient", got, (n, j) -> reference[n].gradient(j, j == drawn[n] ? 1 : 0));
      }
    }
  }

  private static Wanted normal(int n, int j) {
    return new Wanted(
        PhiloxReference.normal(j, n, STEP, PhiloxReference.TARGET, SEED),
        PhiloxReference.normalError(j, n, STEP, PhiloxReference.TARGET, SEED));
  }

  private static Wanted bit(double h, double got, int n, int j) {
    double u = PhiloxReference.uniform(j, n, STEP, PhiloxReference.TARGET, SEED);
    double q = LossReference.sigma(-Math.abs(h));
    boolean unlikely = u <= q;
    if (Math.abs(u - q) <= 8 * Wanted.EPSILON * q) {
      unlikely = Math.abs(Math.abs(got) - (1 - q)) < Math.abs(Math.abs(got) - q);
    }
    double value = (unlikely ? 1 - q : -q) * (h >= 0 ? 1 : -1);
    return Wanted.within(value, 9, unlikely ? 1 : q);
  }

  /**
   * The class that the device took, if inverse cumulative in double, the winner last, gives it or
   * rounding allows it.
   */
  private static int drawn(LossReference r, Host got, int n) {
    int d = got.columns();
    double u = PhiloxReference.uniform(0, n, STEP, PhiloxReference.TARGET, SEED);
    int device = 0;
    for (int j = 1; j < d; j++) {
      if (got.at(n, j) - r.mean(j) < got.at(n, device) - r.mean(device)) {
        device = j;
      }
    }
    double before = 0;
    double cumulative = 0;
    for (int j = 0; j < d && cumulative <= before; j++) {
      if (j != r.winner()) {
        cumulative += r.mean(j);
        before += j == device ? 0 : r.mean(j);
      }
    }
    // relative rounding of e^{h - max}, which is 0 from 104 on, of the prefix sums and of the total
    double slack = (104 + d / 32.0 + 25) * Wanted.EPSILON;
    boolean reached = device == r.winner() || u <= cumulative * (1 + slack);
    if (u > before * (1 - slack) && reached && r.mean(device) > 0) {
      return device;
    }
    return -1; // nothing drawn is wanted: the comparison shows where and what
  }
}
