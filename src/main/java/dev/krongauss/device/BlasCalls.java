package dev.krongauss.device;

import static jcuda.jcublas.JCublas2.cublasDgemm;
import static jcuda.jcublas.JCublas2.cublasDsbmv;
import static jcuda.jcublas.JCublas2.cublasSetPointerMode;
import static jcuda.jcublas.JCublas2.cublasSgemmStridedBatched;
import static jcuda.jcublas.JCublas2.cublasSsymm;
import static jcuda.jcublas.JCublas2.cublasStrsm;

import jcuda.Pointer;
import jcuda.jcublas.cublasDiagType;
import jcuda.jcublas.cublasFillMode;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasPointerMode;
import jcuda.jcublas.cublasSideMode;
import jcuda.jcublas.cublasStatus;

/**
 * Outer products, and calls of cuBLAS whose factors lie on the device: with a factor of 0 a call
 * multiplies nothing, so that the device decides whether it is made. Of {@link Blas}, and closed
 * with it.
 */
public final class BlasCalls {
  private static final int LEFT = cublasSideMode.CUBLAS_SIDE_LEFT;
  private static final int LOWER = cublasFillMode.CUBLAS_FILL_MODE_UPPER; // of rows

  private final Blas blas;
  private final cublasHandle handle;

  BlasCalls(Blas blas, cublasHandle handle) {
    this.blas = blas;
    this.handle = handle;
  }

  /**
   * X[n] = c_n a_nᵀ, row by row, for the rows n of a.
   *
   * @param c [N][d]
   * @param a [N][I]
   * @param X [N][d I]
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void outer(Stream s, Matrix c, Matrix a, Matrix X) {
    Check.shape(c, a.rows(), c.columns(), "c of outer products");
    int elements = Check.count((long) c.columns() * a.columns(), "elements of an outer product");
    Check.shape(X, a.rows(), elements, "X of outer products");
    Pointer one = Pointer.to(new float[] {1});
    Pointer zero = Pointer.to(new float[] {0});
    blas.call(
        "cublasSgemmStridedBatched",
        s,
        () ->
            cublasSgemmStridedBatched(
                handle,
                cublasOperation.CUBLAS_OP_N,
                cublasOperation.CUBLAS_OP_N,
                a.columns(),
                c.columns(),
                1,
                one,
                new DevicePointer(a.pointer()),
                a.columns(),
                a.stride(),
                new DevicePointer(c.pointer()),
                1,
                c.stride(),
                zero,
                new DevicePointer(X.pointer()),
                a.columns(),
                X.stride(),
                a.rows()));
  }

  /**
   * C = factor op(A) op(B) + other C in double.
   *
   * @param factor device address of a double; where it is 0, A and B are not read
   * @param other device address of a double
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void product(
      Stream s,
      boolean transposeA,
      Doubles A,
      boolean transposeB,
      Doubles B,
      long factor,
      long other,
      Doubles C) {
    int inner = Doubles.inner(transposeA, A, transposeB, B, C);
    onDevice(
        "cublasDgemm",
        s,
        () ->
            cublasDgemm(
                handle,
                Blas.op(transposeB),
                Blas.op(transposeA),
                C.columns(),
                C.rows(),
                inner,
                new DevicePointer(factor),
                B.place(),
                B.stride(),
                A.place(),
                A.stride(),
                new DevicePointer(other),
                C.place(),
                C.stride()));
  }

  /**
   * out = b ∘ x in double, elements in compact rows.
   *
   * @param out neither b nor x
   */
  public void diagonal(Stream s, int n, long b, long x, long out) {
    Pointer one = Pointer.to(new double[] {1});
    Pointer zero = Pointer.to(new double[] {0});
    blas.call("cublasDsbmv", s, diagonal(n, b, x, one, zero, out));
  }

  /**
   * out = factor b ∘ x + other out in double, elements in compact rows.
   *
   * @param factor device address of a double; where it is 0, b and x are not read
   * @param other device address of a double
   * @param out neither b nor x
   */
  public void diagonal(Stream s, int n, long b, long x, long factor, long other, long out) {
    Pointer own = new DevicePointer(factor);
    Pointer before = new DevicePointer(other);
    onDevice("cublasDsbmv", s, diagonal(n, b, x, own, before, out));
  }

  private Driver.Call diagonal(int n, long b, long x, Pointer factor, Pointer other, long out) {
    Check.that(out != b && out != x, "a product by elements is written over a factor of its own");
    return () ->
        cublasDsbmv(
            handle,
            LOWER,
            n,
            0,
            factor,
            new DevicePointer(b),
            1,
            new DevicePointer(x),
            1,
            other,
            new DevicePointer(out),
            1);
  }

  /**
   * b = factor² (L Lᵀ)⁻¹ b.
   *
   * @param L [n][n], lower triangle read
   * @param b [1][n]
   * @param factor device address of a float; where it is 0, L is not read and b becomes 0
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void solve(Stream s, Matrix L, Matrix b, long factor) {
    Check.shape(L, b.columns(), b.columns(), "L of a solution");
    Check.shape(b, 1, b.columns(), "the right side of a solution");
    for (int op : new int[] {cublasOperation.CUBLAS_OP_T, cublasOperation.CUBLAS_OP_N}) {
      onDevice(
          "cublasStrsm",
          s,
          () ->
              cublasStrsm(
                  handle,
                  LEFT,
                  LOWER,
                  op,
                  cublasDiagType.CUBLAS_DIAG_NON_UNIT,
                  b.columns(),
                  1,
                  new DevicePointer(factor),
                  new DevicePointer(L.pointer()),
                  L.stride(),
                  new DevicePointer(b.pointer()),
                  b.stride()));
    }
  }

  /**
   * y = factor S x + other y, S symmetric.
   *
   * @param S [n][n], lower triangle read
   * @param x [1][n]
   * @param y [1][n]
   * @param factor device address of a float; where it is 0, S and x are not read
   * @param other device address of a float
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void multiply(Stream s, Matrix S, Matrix x, long factor, long other, Matrix y) {
    Check.shape(S, x.columns(), x.columns(), "symmetric factor of a product");
    Check.shape(y, 1, x.columns(), "result of a symmetric product");
    onDevice(
        "cublasSsymm",
        s,
        () ->
            cublasSsymm(
                handle,
                LEFT,
                LOWER,
                x.columns(),
                1,
                new DevicePointer(factor),
                new DevicePointer(S.pointer()),
                S.stride(),
                new DevicePointer(x.pointer()),
                x.stride(),
                new DevicePointer(other),
                new DevicePointer(y.pointer()),
                y.stride()));
  }

  private void onDevice(String name, Stream s, Driver.Call call) {
    blas.call(
        name,
        s,
        () -> {
          int status = cublasSetPointerMode(handle, cublasPointerMode.CUBLAS_POINTER_MODE_DEVICE);
          if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            return status;
          }
          int result = call.run();
          status = cublasSetPointerMode(handle, cublasPointerMode.CUBLAS_POINTER_MODE_HOST);
          return result == cublasStatus.CUBLAS_STATUS_SUCCESS ? status : result;
        });
  }
}
