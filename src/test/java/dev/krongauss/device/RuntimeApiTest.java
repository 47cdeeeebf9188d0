package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.testing.TestDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaArray;
import jcuda.runtime.cudaChannelFormatDesc;
import jcuda.runtime.cudaDeviceProp;
import jcuda.runtime.cudaError;
import jcuda.runtime.cudaEvent_t;
import jcuda.runtime.cudaMemcpyKind;
import jcuda.runtime.cudaMemoryType;
import jcuda.runtime.cudaPointerAttributes;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.Test;

/** A trainer on JCuda's runtime API shares memory and streams with a {@link Device}. */
final class RuntimeApiTest {
  private static final float[] VALUES = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  private static final int BYTES = VALUES.length * Float.BYTES;

  private final Device device = TestDevice.get();

  @Test
  void memoryAndStreamOfTheRuntimeAreThoseOfTheDevice() {
    CUdeviceptr memory = new CUdeviceptr();
    ok(JCuda.cudaMalloc(memory, BYTES));
    ok(JCuda.cudaMemcpy(memory, Pointer.to(VALUES), BYTES, cudaMemcpyKind.cudaMemcpyHostToDevice));
    cudaStream_t stream = new cudaStream_t();
    ok(JCuda.cudaStreamCreate(stream));
    Stream wrapped = device.wrap(new CUstream(stream));
    Matrix matrix = Matrix.wrap(memory, 3, 4, 4);
    assertThat(matrix.columns(2).download(wrapped)).containsExactly(1, 2, 5, 6, 9, 10);
    ok(JCuda.cudaMemsetAsync(memory.withByteOffset(16), 0, 16, stream));
    assertThat(matrix.download(wrapped)).containsExactly(1, 2, 3, 4, 0, 0, 0, 0, 9, 10, 11, 12);
    ok(JCuda.cudaStreamSynchronize(stream));
    ok(JCuda.cudaStreamDestroy(stream));
    ok(JCuda.cudaFree(memory));
  }

  @Test
  void copiesTakeArraysBuffersAndPageLockedMemory() {
    Pointer memory = allocate();
    float[] part = new float[5];
    ok(
        JCuda.cudaMemcpy(
            Pointer.to(part).withByteOffset(4),
            memory.withByteOffset(8),
            12,
            cudaMemcpyKind.cudaMemcpyDeviceToHost));
    assertThat(part).containsExactly(0, 3, 4, 5, 0);

    FloatBuffer direct =
        ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer();
    ok(JCuda.cudaMemcpy(Pointer.to(direct), memory, BYTES, cudaMemcpyKind.cudaMemcpyDefault));
    assertThat(direct.get(11)).isEqualTo(12);

    Pointer locked = new Pointer();
    ok(JCuda.cudaMallocHost(locked, BYTES));
    cudaStream_t stream = new cudaStream_t();
    ok(JCuda.cudaStreamCreate(stream));
    ok(JCuda.cudaMemcpyAsync(locked, memory, BYTES, cudaMemcpyKind.cudaMemcpyDeviceToHost, stream));
    ok(JCuda.cudaStreamSynchronize(stream));
    FloatBuffer seen =
        locked.getByteBuffer(0, BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer();
    assertThat(seen.get(6)).isEqualTo(7);
    ok(JCuda.cudaFreeHost(locked));
    ok(JCuda.cudaStreamDestroy(stream));
    ok(JCuda.cudaFree(memory));
  }

  @Test
  void rowsOfAPitchedAllocation() {
    Pointer memory = new Pointer();
    long[] pitch = new long[1];
    ok(JCuda.cudaMallocPitch(memory, pitch, 12, 4));
    assertThat(pitch[0]).isGreaterThanOrEqualTo(12);
    ok(JCuda.cudaMemset2D(memory, pitch[0], 0, 12, 4));
    ok(
        JCuda.cudaMemcpy2D(
            memory,
            pitch[0],
            Pointer.to(VALUES),
            16,
            12,
            3,
            cudaMemcpyKind.cudaMemcpyHostToDevice));
    float[] back = new float[16];
    Arrays.fill(back, -1);
    ok(
        JCuda.cudaMemcpy2D(
            Pointer.to(back), 16, memory, pitch[0], 12, 4, cudaMemcpyKind.cudaMemcpyDeviceToHost));
    assertThat(back).containsExactly(1, 2, 3, -1, 5, 6, 7, -1, 9, 10, 11, -1, 0, 0, 0, -1);
    ok(JCuda.cudaFree(memory));
  }

  @Test
  void eventsHaveTimesAndHostFunctionsRunInOrder() {
    cudaStream_t stream = new cudaStream_t();
    cudaEvent_t first = new cudaEvent_t();
    cudaEvent_t last = new cudaEvent_t();
    ok(JCuda.cudaStreamCreateWithFlags(stream, JCuda.cudaStreamNonBlocking));
    ok(JCuda.cudaEventCreate(first));
    ok(JCuda.cudaEventCreate(last));
    ok(JCuda.cudaEventRecord(first, stream));
    AtomicReference<Object> called = new AtomicReference<>();
    ok(JCuda.cudaLaunchHostFunc(stream, called::set, "argument"));
    ok(JCuda.cudaEventRecord(last, stream));
    ok(JCuda.cudaEventSynchronize(last));
    assertThat(called.get()).isEqualTo("argument");
    float[] milliseconds = {-1};
    ok(JCuda.cudaEventElapsedTime(milliseconds, first, last));
    assertThat(milliseconds[0]).isNotNegative();
    ok(JCuda.cudaStreamWaitEvent(stream, last, 0));
    ok(JCuda.cudaStreamAddCallback(stream, (s, status, data) -> called.set(status), null, 0));
    ok(JCuda.cudaStreamSynchronize(stream));
    assertThat(called.get()).isEqualTo(0);
    ok(JCuda.cudaEventDestroy(first));
    ok(JCuda.cudaEventDestroy(last));
    ok(JCuda.cudaStreamDestroy(stream));
  }

  @Test
  void theDeviceTellsAboutItself() {
    int[] number = new int[1];
    ok(JCuda.cudaGetDeviceCount(number));
    assertThat(number[0]).isPositive();
    ok(JCuda.cudaSetDevice(0));
    ok(JCuda.cudaGetDevice(number));
    assertThat(number[0]).isZero();
    cudaDeviceProp properties = new cudaDeviceProp();
    ok(JCuda.cudaGetDeviceProperties(properties, 0));
    assertThat(properties.getName()).isNotBlank();
    assertThat(properties.major).isGreaterThanOrEqualTo(8);
    assertThat(properties.warpSize).isEqualTo(32);
    assertThat(properties.maxThreadsDim).containsExactly(1024, 1024, 64);
    assertThat(properties.totalGlobalMem).isPositive();
    int[] driver = new int[1];
    int[] runtime = new int[1];
    ok(JCuda.cudaDriverGetVersion(driver));
    ok(JCuda.cudaRuntimeGetVersion(runtime));
    assertThat(driver[0]).isGreaterThanOrEqualTo(runtime[0]);
    long[] free = new long[1];
    long[] total = new long[1];
    ok(JCuda.cudaMemGetInfo(free, total));
    assertThat(free[0]).isPositive().isLessThanOrEqualTo(total[0]);
    ok(JCuda.cudaDeviceSynchronize());
  }

  @Test
  void attributesOfPointers() {
    Pointer memory = allocate();
    cudaPointerAttributes attributes = new cudaPointerAttributes();
    ok(JCuda.cudaPointerGetAttributes(attributes, memory));
    assertThat(attributes.type).isEqualTo(cudaMemoryType.cudaMemoryTypeDevice);
    assertThat(attributes.device).isZero();
    ok(JCuda.cudaFree(memory));
  }

  @Test
  void mistakesAreErrorsAndTheLastOneIsKept() {
    JCuda.cudaGetLastError();
    assertThat(JCuda.cudaMalloc(new Pointer(), Long.MAX_VALUE / 2))
        .isEqualTo(cudaError.cudaErrorMemoryAllocation);
    assertThat(JCuda.cudaPeekAtLastError()).isEqualTo(cudaError.cudaErrorMemoryAllocation);
    assertThat(JCuda.cudaGetLastError()).isEqualTo(cudaError.cudaErrorMemoryAllocation);
    assertThat(JCuda.cudaGetLastError()).isEqualTo(cudaError.cudaSuccess);
    assertThat(JCuda.cudaGetErrorName(2)).isEqualTo("cudaErrorMemoryAllocation");
    assertThat(JCuda.cudaGetErrorString(2)).isNotBlank();
  }

  @Test
  void onSoftCudaWhatIsMissingOrTooShortIsAnError() {
    assumeTrue(device.isSoftware(), "a GPU has arrays and managed memory");
    Pointer memory = allocate();
    float[] tooShort = new float[11];
    assertThat(
            JCuda.cudaMemcpy(
                Pointer.to(tooShort), memory, BYTES, cudaMemcpyKind.cudaMemcpyDeviceToHost))
        .isEqualTo(cudaError.cudaErrorInvalidValue);
    assertThat(tooShort).containsOnly(0);
    assertThat(JCuda.cudaMemcpy(memory, memory, BYTES, 9))
        .isEqualTo(cudaError.cudaErrorInvalidMemcpyDirection);
    assertThat(
            JCuda.cudaMallocArray(new cudaArray(), new cudaChannelFormatDesc(32, 0, 0, 0, 2), 4, 4))
        .isEqualTo(cudaError.cudaErrorNotSupported);
    assertThat(JCuda.cudaMallocManaged(new Pointer(), 4, 1))
        .isEqualTo(cudaError.cudaErrorNotSupported);
    assertThat(JCuda.cudaSetDevice(1)).isEqualTo(cudaError.cudaErrorInvalidDevice);
    JCuda.cudaGetLastError();
    ok(JCuda.cudaFree(memory));
  }

  private static Pointer allocate() {
    Pointer memory = new Pointer();
    ok(JCuda.cudaMalloc(memory, BYTES));
    ok(JCuda.cudaMemcpy(memory, Pointer.to(VALUES), BYTES, cudaMemcpyKind.cudaMemcpyHostToDevice));
    return memory;
  }

  private static void ok(int result) {
    assertThat(cudaError.stringFor(result)).isEqualTo("cudaSuccess");
  }
}
