package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/** Sums of two element-wise products ({@code kernels/hadamard.cu}). */
public final class Hadamard {
  private final Function kernel;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Hadamard(Device device) {
    kernel = device.function("hadamard", "hadamard_f32");
  }

  /**
   * Y = X ∘ A.
   *
   * @param X [rows][columns], as all others
   * @param Y may be X or A
   * @throws IllegalArgumentException if the shapes differ
   */
  public void product(Stream s, Matrix X, Matrix A, Matrix Y) {
    Check.shape(A, X.rows(), X.columns(), "A");
    launch(s, X, A, 0, null, null, Y);
  }

  /**
   * Y = X ∘ A + U ∘ V.
   *
   * @param X [rows][columns], as all others
   * @param Y may be any of the others
   * @throws IllegalArgumentException if the shapes differ
   */
  public void sum(Stream s, Matrix X, Matrix A, Matrix U, Matrix V, Matrix Y) {
    Check.shape(A, X.rows(), X.columns(), "A");
    Check.shape(U, X.rows(), X.columns(), "U");
    Check.shape(V, X.rows(), X.columns(), "V");
    launch(s, X, A, 1, U, V, Y);
  }

  /**
   * Y = X ∘ A + U.
   *
   * @param X [rows][columns], as all others
   * @param Y may be any of the others
   * @throws IllegalArgumentException if the shapes differ
   */
  public void addProduct(Stream s, Matrix X, Matrix A, Matrix U, Matrix Y) {
    Check.shape(A, X.rows(), X.columns(), "A");
    Check.shape(U, X.rows(), X.columns(), "U");
    launch(s, X, A, 1, U, null, Y);
  }

  /**
   * Y = X + c U.
   *
   * @param X [rows][columns], as all others
   * @param Y may be X or U
   * @throws IllegalArgumentException if the shapes differ
   */
  public void add(Stream s, Matrix X, float c, Matrix U, Matrix Y) {
    Check.shape(U, X.rows(), X.columns(), "U");
    launch(s, X, null, c, U, null, Y);
  }

  private void launch(Stream s, Matrix X, Matrix A, float c, Matrix U, Matrix V, Matrix Y) {
    Check.shape(Y, X.rows(), X.columns(), "Y");
    Tiles.rowForRow(Y, X, "Y", "X");
    Tiles.rowForRow(Y, A, "Y", "A");
    Tiles.rowForRow(Y, U, "Y", "U");
    Tiles.rowForRow(Y, V, "Y", "V");
    Launch launch = Elements.grid(kernel.on(s), X);
    launch.matrix(X).i32(X.stride());
    optional(launch, A);
    optional(launch, U);
    optional(launch, V);
    launch
        .matrix(Y)
        .i32(Y.stride())
        .i32(X.rows())
        .i32(X.columns())
        .i32(Elements.whole(X, A, U, V, Y))
        .f32(c)
        .launch();
  }

  private static void optional(Launch launch, Matrix matrix) {
    launch.pointer(matrix == null ? 0 : matrix.pointer()).i32(matrix == null ? 0 : matrix.stride());
  }
}
