package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Transfer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code second_derivative.cu}: f''(h) where the kernel sees f(h) and f'(h) only, each rounded
 * once.
 */
final class SecondDerivativeCase extends KernelCase {
  private final Transfer f;
  private final boolean inPlace;

  private SecondDerivativeCase(Transfer f, boolean inPlace) {
    this.f = f;
    this.inPlace = inPlace;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Transfer f : Transfer.values()) {
      cases.add(new SecondDerivativeCase(f, false));
    }
    cases.add(new SecondDerivativeCase(Transfer.LOGISTIC, true));
    return cases;
  }

  @Override
  public String name() {
    return "second_derivative/" + f.name().toLowerCase(Locale.ROOT) + (inPlace ? "-in-place" : "");
  }

  @Override
  public List<Size> sizes() {
    return HadamardCase.rowWise();
  }

  @Override
  public Work work(Size s) {
    double elements = (double) s.get("rows") * s.get("columns");
    return new Work(3 * elements, 12 * elements);
  }

  @Override
  public void run(Trial t) {
    int rows = t.size("rows");
    int columns = t.size("columns");
    TransferReference reference = new TransferReference(f, f == Transfer.LEAKY_RELU ? -0.3f : 0);
    Host h = t.random(rows, columns, t.positive() ? 0 : -8, 8);
    Host a = Host.of(rows, columns, (i, j) -> reference.value(h.at(i, j)));
    Host b = Host.of(rows, columns, (i, j) -> reference.derivative(h.at(i, j)));
    if (rows * columns > 1) {
      b.set(
          rows - 1,
          columns - 1,
          Float.NaN); // what is not finite must come through, where f'' is not constant
    }
    Matrix values = inPlace ? t.inOut(a) : t.input(a);
    Matrix slopes = t.input(b);
    Matrix out = inPlace ? values : t.output(rows, columns);
    SecondDerivative kernel = new SecondDerivative(t.device());
    t.launch(s -> kernel.of(s, f, values, slopes, out));
    t.check(
        "f''", out, (i, j) -> Float.isNaN(b.get(i, j)) ? ofNaN() : second(reference, h.at(i, j)));
  }

  /** The errors of a and b as the formula passes them on, and its own two roundings. */
  private Wanted second(TransferReference reference, double h) {
    double a = reference.value(h);
    double b = reference.derivative(h);
    return switch (f) {
      case IDENTITY, RELU, LEAKY_RELU -> Wanted.exactly(0);
      case TANH -> {
        double second = -2 * Math.sinh(h) / Math.pow(Math.cosh(h), 3);
        yield Wanted.within(second, 1, 4 * Math.abs(a) * b + 2 * Math.abs(second));
      }
      case LOGISTIC -> {
        double second = -Math.sinh(h / 2) / (4 * Math.pow(Math.cosh(h / 2), 3));
        yield Wanted.within(second, 1, b * Math.abs(1 - 2 * a) + 2 * a * b + 2 * Math.abs(second));
      }
      case SOFTPLUS -> {
        double second = 1 / (4 * Math.pow(Math.cosh(h / 2), 2));
        yield Wanted.within(second, 1, b * Math.abs(1 - 2 * b) + 2 * second);
      }
    };
  }

  private Wanted ofNaN() {
    return Wanted.exactly(
        switch (f) {
          case IDENTITY, RELU, LEAKY_RELU -> 0;
          case TANH, LOGISTIC, SOFTPLUS -> Double.NaN;
        });
  }
}
