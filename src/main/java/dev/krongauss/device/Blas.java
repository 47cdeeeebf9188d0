package dev.krongauss.device;

import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasDgemm;
import static jcuda.jcublas.JCublas2.cublasGetVersion;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSgemm;
import static jcuda.jcublas.JCublas2.cublasSsymm;
import static jcuda.jcublas.JCublas2.cublasSsyrk;
import static jcuda.jcublas.JCublas2.cublasSsyrkx;

import java.util.Optional;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasFillMode;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasSideMode;
import jcuda.jcublas.cublasStatus;

/**
 * cuBLAS on row-major matrices. A row-major matrix is the column-major matrix of its transpose, so
 * every product is asked for transposed, and the row-major lower triangle is the column-major upper
 * one.
 */
public final class Blas implements AutoCloseable {
  private static volatile String missing = "";

  private final cublasHandle handle = new cublasHandle();
  private final BlasCalls calls = new BlasCalls(this, handle);
  private final Device device;
  private final int version;
  private final float[] alpha = new float[1];
  private final float[] beta = new float[1];
  private final Pointer alphaPointer = Pointer.to(alpha);
  private final Pointer betaPointer = Pointer.to(beta);

  private Blas(Device device) {
    this.device = device;
    check("cublasCreate", () -> cublasCreate(handle));
    int[] value = new int[1];
    check("cublasGetVersion", () -> cublasGetVersion(handle, value));
    version = value[0];
  }

  /** Opens cuBLAS, or returns nothing and keeps the reason if its library is not there. */
  static Optional<Blas> open(Device device) {
    try {
      JCudaLoader.initialise(JCublas2.class);
      return Optional.of(new Blas(device));
    } catch (DeviceException e) {
      missing = e.getMessage();
      return Optional.empty();
    }
  }

  /** Why cuBLAS is not there. */
  static String missing() {
    return missing;
  }

  public int version() {
    return version;
  }

  /** Outer products, and calls whose factors lie on the device. */
  public BlasCalls calls() {
    return calls;
  }

  /** C = alpha op(A) op(B) + beta C, where op transposes if asked; C is not read if beta is 0. */
  public synchronized void gemm(
      Stream s,
      boolean transposeA,
      Matrix A,
      boolean transposeB,
      Matrix B,
      float alpha,
      float beta,
      Matrix C) {
    int inner = transposeA ? A.rows() : A.columns();
    Check.shape(
        B, transposeB ? C.columns() : inner, transposeB ? inner : C.columns(), "B of a product");
    Check.that(
        (transposeA ? A.columns() : A.rows()) == C.rows(),
        "A %s does not fit C %s of a product",
        A,
        C);
    scalars(alpha, beta);
    check(
        "cublasSgemm",
        s,
        () ->
            cublasSgemm(
                handle,
                op(transposeB),
                op(transposeA),
                C.columns(),
                C.rows(),
                inner,
                alphaPointer,
                p(B),
                B.stride(),
                p(A),
                A.stride(),
                betaPointer,
                p(C),
                C.stride()));
  }

  /**
   * C = op(A) op(B) + beta C in double; C is not read if beta is 0.
   *
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public synchronized void product(
      Stream s,
      boolean transposeA,
      Doubles A,
      boolean transposeB,
      Doubles B,
      double beta,
      Doubles C) {
    int inner = Doubles.inner(transposeA, A, transposeB, B, C);
    Pointer one = Pointer.to(new double[] {1});
    Pointer other = Pointer.to(new double[] {beta});
    check(
        "cublasDgemm",
        s,
        () ->
            cublasDgemm(
                handle,
                op(transposeB),
                op(transposeA),
                C.columns(),
                C.rows(),
                inner,
                one,
                B.place(),
                B.stride(),
                A.place(),
                A.stride(),
                other,
                C.place(),
                C.stride()));
  }

  /** S = alpha XᵀX + beta S, lower triangle. X [M][d], S [d][d]. */
  public synchronized void gram(Stream s, Matrix X, float alpha, float beta, Matrix S) {
    Check.shape(S, X.columns(), X.columns(), "S of a Gram product");
    scalars(alpha, beta);
    check(
        "cublasSsyrk",
        s,
        () ->
            cublasSsyrk(
                handle,
                cublasFillMode.CUBLAS_FILL_MODE_UPPER,
                cublasOperation.CUBLAS_OP_N,
                X.columns(),
                X.rows(),
                alphaPointer,
                p(X),
                X.stride(),
                betaPointer,
                p(S),
                S.stride()));
  }

  /** S = AᵀB, lower triangle, of a product known to be symmetric. A, B [M][d], S [d][d]. */
  public synchronized void symmetricProduct(Stream s, Matrix A, Matrix B, Matrix S) {
    Check.shape(B, A.rows(), A.columns(), "B of a symmetric product");
    Check.shape(S, A.columns(), A.columns(), "S of a symmetric product");
    scalars(1, 0);
    check(
        "cublasSsyrkx",
        s,
        () ->
            cublasSsyrkx(
                handle,
                cublasFillMode.CUBLAS_FILL_MODE_UPPER,
                cublasOperation.CUBLAS_OP_N,
                A.columns(),
                A.rows(),
                alphaPointer,
                p(A),
                A.stride(),
                p(B),
                B.stride(),
                betaPointer,
                p(S),
                S.stride()));
  }

  /** C = alpha S B with symmetric S (lower triangle read). */
  public synchronized void symmetricLeft(Stream s, Matrix S, Matrix B, float alpha, Matrix C) {
    symmetric(s, cublasSideMode.CUBLAS_SIDE_RIGHT, S, B, alpha, C);
  }

  /** C = alpha B S with symmetric S (lower triangle read). */
  public synchronized void symmetricRight(Stream s, Matrix B, Matrix S, float alpha, Matrix C) {
    symmetric(s, cublasSideMode.CUBLAS_SIDE_LEFT, S, B, alpha, C);
  }

  private void symmetric(Stream s, int side, Matrix S, Matrix B, float alpha, Matrix C) {
    int order = side == cublasSideMode.CUBLAS_SIDE_RIGHT ? B.rows() : B.columns();
    Check.shape(S, order, order, "symmetric factor of a product");
    Check.shape(C, B.rows(), B.columns(), "result of a symmetric product");
    scalars(alpha, 0);
    check(
        "cublasSsymm",
        s,
        () ->
            cublasSsymm(
                handle,
                side,
                cublasFillMode.CUBLAS_FILL_MODE_UPPER,
                C.columns(),
                C.rows(),
                alphaPointer,
                p(S),
                S.stride(),
                p(B),
                B.stride(),
                betaPointer,
                p(C),
                C.stride()));
  }

  @Override
  public void close() {
    check("cublasDestroy", () -> cublasDestroy(handle));
  }

  private void scalars(float alphaValue, float betaValue) {
    alpha[0] = alphaValue;
    beta[0] = betaValue;
  }

  /** Makes a call on a stream, one at a time. */
  synchronized void call(String name, Stream s, Driver.Call call) {
    check(name, s, call);
  }

  private void check(String name, Stream s, Driver.Call call) {
    check(
        name,
        () -> {
          int status = cublasSetStream(handle, s.runtimeHandle());
          return status == cublasStatus.CUBLAS_STATUS_SUCCESS ? call.run() : status;
        });
  }

  static int op(boolean transpose) {
    return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static Pointer p(Matrix matrix) {
    return new DevicePointer(matrix.pointer());
  }

  private void check(String name, Driver.Call call) {
    int status = device.driver().result(call);
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      String detail = NativeLoader.lastSoftwareMessage();
      throw new DeviceException(
          name
              + " failed: "
              + cublasStatus.stringFor(status)
              + (detail.isEmpty() ? "" : "\n" + detail));
    }
  }
}
