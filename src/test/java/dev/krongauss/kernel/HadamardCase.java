package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** {@code hadamard.cu}: a rounding for each product, each factor and the sum. */
abstract class HadamardCase extends KernelCase {
  private final String variant;

  private HadamardCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    return List.of(
        new Product(false),
        new Product(true),
        new Sum(false),
        new Sum(true),
        new Add(),
        new AddProduct());
  }

  /** A warp a row, 8 rows and 1024 columns a block. */
  static List<Size> rowWise() {
    return List.of(
        Size.of("rows", 1, "columns", 1),
        Size.of("rows", 7, "columns", 3),
        Size.of("rows", 8, "columns", 127),
        Size.of("rows", 9, "columns", 128),
        Size.of("rows", 31, "columns", 129),
        Size.of("rows", 3, "columns", 1023),
        Size.of("rows", 2, "columns", 1024),
        Size.of("rows", 5, "columns", 2051));
  }

  @Override
  public String name() {
    return "hadamard/" + variant;
  }

  @Override
  public List<Size> sizes() {
    return rowWise();
  }

  @Override
  public Work work(Size s) {
    double elements = (double) s.get("rows") * s.get("columns");
    return new Work(3 * elements, 4 * matrices() * elements);
  }

  /** Matrices that are read or written. */
  abstract int matrices();

  /** Y = X ∘ A. */
  private static final class Product extends HadamardCase {
    private final boolean inPlace;

    Product(boolean inPlace) {
      super(inPlace ? "product-in-place" : "product");
      this.inPlace = inPlace;
    }

    @Override
    int matrices() {
      return 3;
    }

    @Override
    public void run(Trial t) {
      Host x = t.random(t.size("rows"), t.size("columns"));
      Host a = t.random(x.rows(), x.columns());
      Matrix X = inPlace ? t.inOut(x) : t.input(x);
      Matrix A = t.input(a);
      Matrix Y = inPlace ? X : t.output(x.rows(), x.columns());
      Hadamard hadamard = new Hadamard(t.device());
      t.launch(s -> hadamard.product(s, X, A, Y));
      t.check("Y", Y, (i, j) -> Wanted.exactly(x.get(i, j) * a.get(i, j)));
    }
  }

  /** Y = X ∘ A + U ∘ V. */
  private static final class Sum extends HadamardCase {
    private final boolean inPlace;

    Sum(boolean inPlace) {
      super(inPlace ? "sum-in-place" : "sum");
      this.inPlace = inPlace;
    }

    @Override
    int matrices() {
      return 5;
    }

    @Override
    public void run(Trial t) {
      Host x = t.random(t.size("rows"), t.size("columns"));
      Host a = t.random(x.rows(), x.columns());
      Host u = t.random(x.rows(), x.columns());
      Host v = t.random(x.rows(), x.columns());
      Matrix X = inPlace ? t.inOut(x) : t.input(x);
      Matrix A = t.input(a);
      Matrix U = t.input(u);
      Matrix V = t.input(v);
      Matrix Y = inPlace ? X : t.output(x.rows(), x.columns());
      Hadamard hadamard = new Hadamard(t.device());
      t.launch(s -> hadamard.sum(s, X, A, U, V, Y));
      t.check(
          "Y",
          Y,
          (i, j) -> {
            double first = x.at(i, j) * a.at(i, j);
            double second = u.at(i, j) * v.at(i, j);
            return Wanted.within(first + second, 1, 2 * Math.abs(first) + 2 * Math.abs(second));
          });
    }
  }

  /** X += c U. */
  private static final class Add extends HadamardCase {
    Add() {
      super("add-in-place");
    }

    @Override
    int matrices() {
      return 3;
    }

    @Override
    public void run(Trial t) {
      float c = -0.3f;
      Host x = t.random(t.size("rows"), t.size("columns"));
      Host u = t.random(x.rows(), x.columns());
      Matrix X = t.inOut(x);
      Matrix U = t.input(u);
      Hadamard hadamard = new Hadamard(t.device());
      t.launch(s -> hadamard.add(s, X, c, U, X));
      t.check(
          "X",
          X,
          (i, j) -> {
            double sum = x.at(i, j) + (double) c * u.at(i, j);
            return Wanted.within(sum, 1, Math.abs(sum)); // one fused operation
          });
    }
  }

  /** U ← X ∘ A + U. */
  private static final class AddProduct extends HadamardCase {
    AddProduct() {
      super("product-added-in-place");
    }

    @Override
    int matrices() {
      return 4;
    }

    @Override
    public void run(Trial t) {
      Host x = t.random(t.size("rows"), t.size("columns"));
      Host a = t.random(x.rows(), x.columns());
      Host u = t.random(x.rows(), x.columns());
      Matrix X = t.input(x);
      Matrix A = t.input(a);
      Matrix U = t.inOut(u);
      Hadamard hadamard = new Hadamard(t.device());
      t.launch(s -> hadamard.addProduct(s, X, A, U, U));
      t.check(
          "U",
          U,
          (i, j) -> {
            double product = x.at(i, j) * a.at(i, j);
            double sum = product + u.at(i, j);
            return Wanted.within(sum, 1, Math.abs(product) + Math.abs(sum));
          });
    }
  }
}
