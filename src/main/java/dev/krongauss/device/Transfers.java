package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuMemcpy2DAsync;

import jcuda.Pointer;
import jcuda.driver.CUDA_MEMCPY2D;
import jcuda.driver.CUmemorytype;

/**
 * Copies between compact rows on the host and strided rows on the device, and between device
 * matrices.
 */
final class Transfers {
  private Transfers() {}

  static void upload(float[] values, Matrix matrix, Stream stream) {
    CUDA_MEMCPY2D copy = rows(matrix);
    copy.srcMemoryType = CUmemorytype.CU_MEMORYTYPE_HOST;
    copy.srcHost = Pointer.to(values);
    copy.srcPitch = 4L * matrix.columns();
    copy.dstMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
    copy.dstDevice = new DevicePointer(matrix.pointer());
    copy.dstPitch = 4L * matrix.stride();
    run(copy, stream, "upload of " + matrix);
    stream.device().counters().uploaded(4L * values.length);
  }

  static void download(Matrix matrix, float[] values, Stream stream) {
    CUDA_MEMCPY2D copy = rows(matrix);
    copy.srcMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
    copy.srcDevice = new DevicePointer(matrix.pointer());
    copy.srcPitch = 4L * matrix.stride();
    copy.dstMemoryType = CUmemorytype.CU_MEMORYTYPE_HOST;
    copy.dstHost = Pointer.to(values);
    copy.dstPitch = 4L * matrix.columns();
    run(copy, stream, "download of " + matrix);
    stream.device().counters().downloaded(4L * values.length);
  }

  /** Enqueues a copy of {@code from} into {@code to} (same shape, any strides); does not wait. */
  static void copy(Matrix from, Matrix to, Stream stream) {
    Check.shape(to, from.rows(), from.columns(), "copy target");
    CUDA_MEMCPY2D copy = rows(from);
    copy.srcMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
    copy.srcDevice = new DevicePointer(from.pointer());
    copy.srcPitch = 4L * from.stride();
    copy.dstMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
    copy.dstDevice = new DevicePointer(to.pointer());
    copy.dstPitch = 4L * to.stride();
    stream.device().bind();
    Driver.check(cuMemcpy2DAsync(copy, stream.handle()), "copy of " + from);
  }

  private static CUDA_MEMCPY2D rows(Matrix matrix) {
    CUDA_MEMCPY2D copy = new CUDA_MEMCPY2D();
    copy.WidthInBytes = 4L * matrix.columns();
    copy.Height = matrix.rows();
    return copy;
  }

  /**
   * A Java array is pinned only during the call, so the synchronous copy is used, in stream order.
   */
  private static void run(CUDA_MEMCPY2D copy, Stream stream, String what) {
    stream.synchronize();
    Driver.check(jcuda.driver.JCudaDriver.cuMemcpy2D(copy), what);
  }
}
