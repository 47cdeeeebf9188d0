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
    check("cusolverDnCreate", () -> cusolverDnCreate(handle));
  }

  /** Opens cuSOLVER, or returns nothing and keeps the reason if its library is not there. */
  static Optional<Solver> open(Device device) {
    try {
      JCudaLoader.initialise(JCusolver.class);
      return Optional.of(new Solver(device));
    } catch (DeviceException e) {
      missing = e.getMessage();
      return Optional.empty();
    }
  }

  /** Why cuSOLVER is not there. */
  static String missing() {
    return missing;
  }

  /** Floats of workspace that {@link #factorise} and {@link #invert} need for order {@code n}. */
  public synchronized int workspaceFloats(Matrix A) {
    int[] factorise = new int[1];
    int[] invert = new int[1];
    check(
        "cusolverDnSpotrf_bufferSize",
        () ->
            cusolverDnSpotrf_bufferSize(
                handle,
                cublasFillMode.CUBLAS_FILL_MODE_UPPER,
                A.rows(),
                p(A.pointer()),
                A.stride(),
                factorise));
    check(
        "cusolverDnSpotri_bufferSize",
        () ->
            cusolverDnSpotri_bufferSize(
                handle,
                cublasFillMode.CUBLAS_FILL_MODE_UPPER,
                A.rows(),
                p(A.pointer()),
                A.stride(),
                invert));
    return Math.max(1, Math.max(factorise[0], invert[0]));
  }

  /**
   * Lower triangle of A becomes L with L Lᵀ = A; the int at {@code info} is 0 or the column that
   * failed.
   */
  public synchronized void factorise(Stream s, Matrix A, Buffer workspace, long info) {
    check(
        "cusolverDnSpotrf",
        s,
        () ->
            cusolverDnSpotrf(
                handle,
                cublasFillMode.CUBLAS_FILL_MODE_UPPER,
                A.rows(),
                p(A.pointer()),
                A.stride(),
                p(workspace.pointer()),
                (int) (workspace.bytes() / 4),
                p(info)));
  }

  /** Lower triangle L becomes the lower triangle of (L Lᵀ)⁻¹. */
  public synchronized void invert(Stream s, Matrix L, Buffer workspace, long info) {
    check(
        "cusolverDnSpotri",
        s,
        () ->
            cusolverDnSpotri(
                handle,
                cublasFillMode.CUBLAS_FILL_MODE_UPPER,
                L.rows(),
                p(L.pointer()),
                L.stride(),
                p(workspace.pointer()),
                (int) (workspace.bytes() / 4),
                p(info)));
  }

  @Override
  public void close() {
    check("cusolverDnDestroy", () -> cusolverDnDestroy(handle));
  }

  private void check(String name, Stream s, Driver.Call call) {
    check(
        name,
        () -> {
          int status = cusolverDnSetStream(handle, s.runtimeHandle());
          return status == cusolverStatus.CUSOLVER_STATUS_SUCCESS ? call.run() : status;
        });
  }

  private static Pointer p(long address) {
    return new DevicePointer(address);
  }

  private void check(String name, Driver.Call call) {
    int status = device.driver().result(call);
    if (status != cusolverStatus.CUSOLVER_STATUS_SUCCESS) {
      String detail = NativeLoader.lastSoftwareMessage();
      throw new DeviceException(
          name
              + " failed: "
              + cusolverStatus.stringFor(status)
              + (detail.isEmpty() ? "" : "\n" + detail));
    }
  }
}
