package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Transfer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code epilogue.cu}: the epilogues as element-wise kernels. */
abstract class EpilogueCase extends KernelCase {
  private final String variant;

  private EpilogueCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Transfer f : Transfer.values()) {
      cases.add(new Forward(f, false, true));
    }
    for (Transfer f : Transfer.values()) {
      cases.add(new AtZero(f));
    }
    cases.add(new Forward(Transfer.TANH, true, true));
    cases.add(new Forward(Transfer.SOFTPLUS, true, false));
    cases.add(new ScaleRows("scale-rows-1", 1, 1));
    cases.add(new ScaleRows("scale-rows-5", 5, 1));
    cases.add(new ScaleRows("scale-chunks", 1, 3));
    cases.add(new HadamardLower());
    cases.add(new Mirror());
    return cases;
  }

  @Override
  public String name() {
    return "epilogue/" + variant;
  }

  /** 8 to 32 rows and 1024 columns a block; one to four rows a warp. */
  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("rows", 1, "columns", 1),
        Size.of("rows", 7, "columns", 3),
        Size.of("rows", 8, "columns", 127),
        Size.of("rows", 9, "columns", 128),
        Size.of("rows", 31, "columns", 129),
        Size.of("rows", 65, "columns", 20),
        Size.of("rows", 33, "columns", 32),
        Size.of("rows", 17, "columns", 33),
        Size.of("rows", 31, "columns", 64),
        Size.of("rows", 9, "columns", 65),
        Size.of("rows", 3, "columns", 1023),
        Size.of("rows", 2, "columns", 1024),
        Size.of("rows", 5, "columns", 2051));
  }

  @Override
  public Work work(Size s) {
    double elements = (double) s.get("rows") * s.get("columns");
    return new Work(elements, 12 * elements);
  }

  /** Square sizes: the tile of mirror, the chunk of the row-wise kernels. */
  private static List<Size> squares() {
    return List.of(
        Size.of("d", 1),
        Size.of("d", 2),
        Size.of("d", 5),
        Size.of("d", 63),
        Size.of("d", 64),
        Size.of("d", 65),
        Size.of("d", 131),
        Size.of("d", 1030));
  }

  /** f and f' at ordinary, extreme and non-finite arguments: no error but the functions' own. */
  private static final class Forward extends EpilogueCase {
    private static final float[] SPECIAL = {
      0,
      -0f,
      1e-30f,
      -1e-30f,
      1e-8f,
      -1e-8f,
      0.55f,
      -0.55f,
      9,
      -9,
      17,
      -17,
      88,
      -88,
      89,
      -89,
      104,
      -104,
      1e30f,
      -1e30f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY
    };
    private final Transfer f;
    private final boolean inPlace;
    private final boolean wantsDerivative;

    Forward(Transfer f, boolean inPlace, boolean wantsDerivative) {
      super(
          "forward-"
              + f.name().toLowerCase(Locale.ROOT)
              + (inPlace ? "-in-place" : "")
              + (wantsDerivative ? "" : "-no-derivative"));
      this.f = f;
      this.inPlace = inPlace;
      this.wantsDerivative = wantsDerivative;
    }

    @Override
    public void run(Trial t) {
      int rows = t.size("rows");
      int columns = t.size("columns");
      Host h = t.random(rows, columns, t.positive() ? 0 : -20, 20);
      for (int k = 0; k < Math.min(SPECIAL.length, rows * columns - 1); k++) {
        h.set((k + 1) / columns, (k + 1) % columns, SPECIAL[k]);
      }
      float slope = f == Transfer.LEAKY_RELU ? -0.3f : 0;
      Matrix x = inPlace ? t.inOut(h) : t.input(h);
      Matrix a = inPlace ? x : t.output(rows, columns);
      Matrix b = wantsDerivative ? t.output(rows, columns) : null;
      Epilogue epilogue = new Epilogue(t.device());
      t.launch(s -> epilogue.forward(s, x, f, slope, a, b));
      TransferReference reference = new TransferReference(f, slope);
      t.check("output", a, (i, j) -> reference.value(h.at(i, j), 0));
      if (b != null) {
        t.check("derivative", b, (i, j) -> reference.derivative(h.at(i, j), 0));
      }
    }
  }

  /** f and f' at exactly 0 and -0: the documented numbers, at a kink those of the left side. */
  private static final class AtZero extends EpilogueCase {
    private final Transfer f;

    AtZero(Transfer f) {
      super("zero-" + f.name().toLowerCase(Locale.ROOT));
      this.f = f;
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("rows", 1, "columns", 1), Size.of("rows", 9, "columns", 131));
    }

    @Override
    public List<Size> benchSizes() {
      return List.of();
    }

    @Override
    public void run(Trial t) {
      int rows = t.size("rows");
      int columns = t.size("columns");
      float slope = -0.3f;
      Matrix h = t.input(Host.of(rows, columns, (i, j) -> (i + j) % 2 == 0 ? 0.0 : -0.0));
      Matrix a = t.output(rows, columns);
      Matrix b = t.output(rows, columns);
      Epilogue epilogue = new Epilogue(t.device());
      t.launch(s -> epilogue.forward(s, h, f, slope, a, b));
      t.check("output", a, (i, j) -> value());
      t.check("derivative", b, (i, j) -> Wanted.exactly(derivative(slope)));
    }

    private Wanted value() {
      return switch (f) {
        case IDENTITY, TANH, RELU, LEAKY_RELU -> Wanted.exactly(0);
        case LOGISTIC -> Wanted.exactly(0.5);
        case SOFTPLUS -> Wanted.within(Math.log(2), 12, Math.log(2)); // activation.cuh's bound
      };
    }

    private double derivative(float slope) {
      return switch (f) {
        case IDENTITY, TANH -> 1;
        case LOGISTIC -> 0.25;
        case RELU -> 0;
        case LEAKY_RELU -> slope;
        case SOFTPLUS -> 0.5;
      };
    }
  }

  /** One rounding: so many rows of X one behind another for a row, or so many chunks of rows. */
  private static final class ScaleRows extends EpilogueCase {
    private final int rank;
    private final int chunks;

    ScaleRows(String name, int rank, int chunks) {
      super(name);
      this.rank = rank;
      this.chunks = chunks;
    }

    @Override
    public Work work(Size s) {
      double elements = (double) s.get("rows") * s.get("columns");
      return new Work(rank * chunks * elements, (8 * rank * chunks + 4) * elements);
    }

    @Override
    public void run(Trial t) {
      int rows = t.size("rows");
      int columns = t.size("columns");
      Host X = t.random(rows * rank * chunks, columns);
      Host b = t.random(rows, columns);
      Matrix x = t.inOut(X);
      Matrix derivative = t.input(b);
      Epilogue epilogue = new Epilogue(t.device());
      t.launch(
          s -> {
            if (chunks > 1) {
              epilogue.scaleChunks(s, x, derivative);
            } else {
              epilogue.scaleRows(s, x, derivative, rank);
            }
          });
      t.check("X", x, (i, j) -> Wanted.exactly(X.get(i, j) * b.get(i / rank % rows, j)));
    }
  }

  /**
   * One rounding in the lower triangle; NaN above it, which must neither be read from S nor
   * overwritten in G.
   */
  private static final class HadamardLower extends EpilogueCase {
    HadamardLower() {
      super("hadamard-lower");
    }

    @Override
    public List<Size> sizes() {
      return squares();
    }

    @Override
    public Work work(Size s) {
      double half = s.get("d") * (s.get("d") + 1.0) / 2;
      return new Work(half, 12 * half);
    }

    @Override
    public void run(Trial t) {
      int d = t.size("d");
      Host G = t.random(d, d);
      Host S = Reference.lowerOnly(t.random(d, d));
      Matrix g = t.inOut(G);
      Matrix moment = t.input(S);
      Epilogue epilogue = new Epilogue(t.device());
      t.launch(s -> epilogue.hadamardLower(s, g, moment));
      t.check("G", g, (i, j) -> Wanted.exactly(j > i ? G.get(i, j) : G.get(i, j) * S.get(i, j)));
    }
  }

  /** Exact. */
  private static final class Mirror extends EpilogueCase {
    Mirror() {
      super("mirror");
    }

    @Override
    public List<Size> sizes() {
      return squares();
    }

    @Override
    public Work work(Size s) {
      double half = s.get("d") * (s.get("d") - 1.0) / 2;
      return new Work(0, 8 * half);
    }

    @Override
    public void run(Trial t) {
      int d = t.size("d");
      Host S = Reference.lowerOnly(t.random(d, d));
      Matrix matrix = t.inOut(S);
      Epilogue epilogue = new Epilogue(t.device());
      t.launch(s -> epilogue.mirror(s, matrix));
      t.check("S", matrix, (i, j) -> Wanted.exactly(S.get(Math.max(i, j), Math.min(i, j))));
    }
  }
}
