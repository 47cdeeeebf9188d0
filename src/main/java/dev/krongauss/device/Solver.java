package dev.krongauss.device;

import static jcuda.jcusolver.JCusolverDn.cusolverDnCreate;
import static jcuda.jcusolver.JCusolverDn.cusolverDnDestroy;
import static jcuda.jcusolver.JCusolverDn.cusolverDnSetStream;
import static jcuda.jcusolver.JCusolverDn.cusolverDnSpotrf;
import static jcuda.jcusolver.JCusolverDn.cusolverDnSpotrf_bufferSize;
import static jcuda.jcusolver.JCusolverDn.cusolverDnSpotri;
import static jcuda.jcusolver.JCusolverDn.cusolverDnSpotri_bufferSize;

import java.util.Optional;
import jcuda.Pointer;
import jcuda.jcublas.cublasFillMode;
import jcuda.jcusolver.JCusolver;
import jcuda.jcusolver.cusolverDnHandle;
import jcuda.jcusolver.cusolverStatus;

/** cuSOLVER's Cholesky factorisation and inverse on row-major lower triangles. */
public final class Solver implements AutoCloseable {
  private static volatile String missing = "";

  private final Device device;
  private final cusolverDnHandle handle = new cusolverDnHandle();

  private Solver(Device device) {
    this.device = device;
    check(cusolverDnCreate(handle), "cusolverDnCreate");
  }

  /** Opens cuSOLVER, or returns nothing and keeps the reason if its library is not there. */
  static Optional<Solver> open(Device device) {
    try {
      NativeLoader.withTemporaryFolder(
          NativeLoader.jcudaFolder(), () -> JCusolver.setExceptionsEnabled(false));
      return Optional.of(new Solver(device));
    } catch (DeviceException e) {
      missing = NativeLoader.firstLine(e);
      return Optional.empty();
    }
  }

  /** Why cuSOLVER is not there. */
  static String missing() {
    return missing;
  }

  /** Floats of workspace that {@link #factorise} and {@link #invert} need for order {@code n}. */
  public synchronized int workspaceFloats(Matrix A) {
    device.bind();
    int[] factorise = new int[1];
    int[] invert = new int[1];
    check(
        cusolverDnSpotrf_bufferSize(
            handle,
            cublasFillMode.CUBLAS_FILL_MODE_UPPER,
            A.rows(),
            p(A.pointer()),
            A.stride(),
            factorise),
        "cusolverDnSpotrf_bufferSize");
    check(
        cusolverDnSpotri_bufferSize(
            handle,
            cublasFillMode.CUBLAS_FILL_MODE_UPPER,
            A.rows(),
            p(A.pointer()),
            A.stride(),
            invert),
        "cusolverDnSpotri_bufferSize");
    return Math.max(1, Math.max(factorise[0], invert[0]));
  }

  /**
   * Lower triangle of A becomes L with L Lᵀ = A; the int at {@code info} is 0 or the column that
   * failed.
   */
  public synchronized void factorise(Stream s, Matrix A, Buffer workspace, long info) {
    begin(s);
    check(
        cusolverDnSpotrf(
            handle,
            cublasFillMode.CUBLAS_FILL_MODE_UPPER,
            A.rows(),
            p(A.pointer()),
            A.stride(),
            p(workspace.pointer()),
            (int) (workspace.bytes() / 4),
            p(info)),
        "cusolverDnSpotrf");
  }

  /** Lower triangle L becomes the lower triangle of (L Lᵀ)⁻¹. */
  public synchronized void invert(Stream s, Matrix L, Buffer workspace, long info) {
    begin(s);
    check(
        cusolverDnSpotri(
            handle,
            cublasFillMode.CUBLAS_FILL_MODE_UPPER,
            L.rows(),
            p(L.pointer()),
            L.stride(),
            p(workspace.pointer()),
            (int) (workspace.bytes() / 4),
            p(info)),
        "cusolverDnSpotri");
  }

  @Override
  public void close() {
    device.bind();
    check(cusolverDnDestroy(handle), "cusolverDnDestroy");
  }

  private void begin(Stream s) {
    device.bind();
    check(cusolverDnSetStream(handle, s.runtimeHandle()), "cusolverDnSetStream");
  }

  private static Pointer p(long address) {
    return new DevicePointer(address);
  }

  private static void check(int status, String call) {
    if (status != cusolverStatus.CUSOLVER_STATUS_SUCCESS) {
      String detail = NativeLoader.lastSoftwareMessage();
      throw new DeviceException(
          call
              + " failed: "
              + cusolverStatus.stringFor(status)
              + (detail.isEmpty() ? "" : "\n" + detail));
    }
  }
}
