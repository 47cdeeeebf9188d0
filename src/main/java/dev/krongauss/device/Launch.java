package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuLaunchKernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import org.lwjgl.system.MemoryUtil;

/**
 * A kernel launch being described: grid, block, arguments in the kernel's order, then {@link
 * #launch()}.
 *
 * <p>One object belongs to each stream and is reused, so that a launch allocates nothing on the
 * Java heap. Values and the array of pointers to them, which {@code cuLaunchKernel} wants, live in
 * one native buffer.
 */
public final class Launch {
  private static final int MAX_ARGUMENTS = 48;

  /** What a kernel's parameters may take in all. */
  private static final int MAX_BYTES = 4096;

  private final Stream stream;
  private final ByteBuffer values =
      ByteBuffer.allocateDirect(2 * MAX_BYTES).order(ByteOrder.nativeOrder());
  private final ByteBuffer pointers =
      ByteBuffer.allocateDirect(8 * MAX_ARGUMENTS).order(ByteOrder.nativeOrder());
  private final Pointer kernelParameters = Pointer.to(pointers);
  private final long valuesAddress = MemoryUtil.memAddress(values);
  private final Driver.Call call = this::enqueue;
  private CUfunction launched;
  private Function function;
  private Thread user;
  private int count;
  private int bytes;
  private int structEnd;
  private int gridX;
  private int gridY;
  private int gridZ;
  private int blockX;
  private int blockY;
  private int blockZ;
  private int sharedBytes;

  Launch(Stream stream) {
    this.stream = stream;
  }

  Launch begin(Function kernel) {
    if (function != null && user != Thread.currentThread()) {
      throw new IllegalStateException(
          "thread '"
              + Thread.currentThread().getName()
              + "' launches on a stream that thread '"
              + user.getName()
              + "' is using; give each thread its own Device.newStream()");
    }
    function = kernel;
    user = Thread.currentThread();
    count = 0;
    bytes = 0;
    structEnd = 0;
    gridX = gridY = gridZ = 1;
    blockX = blockY = blockZ = 1;
    sharedBytes = 0;
    return this;
  }

  /** Ends a description that failed before its launch, so that any thread may begin another. */
  void abandon() {
    function = null;
  }

  /** Blocks in x, y, z. */
  public Launch grid(long x, long y, long z) {
    if (x < 1 || x > Integer.MAX_VALUE || y < 1 || y > 65535 || z < 1 || z > 65535) {
      throw Check.failure(
          "grid (%d, %d, %d) of kernel %s is outside of 1..(2^31-1, 65535, 65535)",
          x, y, z, function.name());
    }
    gridX = (int) x;
    gridY = (int) y;
    gridZ = (int) z;
    return this;
  }

  /** Threads of a block in x, y, z. */
  public Launch block(int x, int y, int z) {
    if (x < 1 || y < 1 || z < 1 || (long) x * y * z > function.maxThreadsPerBlock()) {
      throw Check.failure(
          "block (%d, %d, %d) of kernel %s has more than its %d threads, or none",
          x, y, z, function.name(), function.maxThreadsPerBlock());
    }
    blockX = x;
    blockY = y;
    blockZ = z;
    return this;
  }

  /** Bytes of dynamic shared memory. */
  public Launch shared(int bytes) {
    sharedBytes = bytes;
    return this;
  }

  /**
   * Begins an argument that is a struct: the values that follow are its members, each at the next
   * multiple of its size as in C, until {@link #end()}.
   *
   * @param size of the struct in bytes, at least that of the members given
   */
  public Launch struct(int size) {
    int start = next(size, 8);
    structEnd = start + size;
    bytes = start;
    return this;
  }

  /**
   * Leaves out bytes of a struct up to a multiple of {@code alignment}, as between array elements.
   */
  public Launch align(int alignment) {
    bytes = (bytes + alignment - 1) / alignment * alignment;
    return this;
  }

  /** Ends a struct; members that were not given have no defined value. */
  public Launch end() {
    bytes = structEnd;
    structEnd = 0;
    return this;
  }

  public Launch pointer(long value) {
    values.putLong(next(8, 8), value);
    return this;
  }

  /** The matrix' address; shape and stride are arguments of their own. */
  public Launch matrix(Matrix matrix) {
    return pointer(matrix.pointer());
  }

  public Launch i32(int value) {
    values.putInt(next(4, 4), value);
    return this;
  }

  public Launch i64(long value) {
    values.putLong(next(8, 8), value);
    return this;
  }

  public Launch f32(float value) {
    values.putFloat(next(4, 4), value);
    return this;
  }

  /** Enqueues the launch; failures of the kernel itself appear at a later synchronisation. */
  public void launch() {
    Function kernel = function;
    function = null;
    kernel.allowShared(sharedBytes);
    launched = kernel.handle();
    stream.device().driver().check("launch of kernel ", kernel.name(), call);
    stream.launched(kernel.name());
  }

  private int enqueue() {
    return cuLaunchKernel(
        launched,
        gridX,
        gridY,
        gridZ,
        blockX,
        blockY,
        blockZ,
        sharedBytes,
        stream.handle(),
        kernelParameters,
        null);
  }

  /** Where the next value goes: a member inside a struct, else an argument of its own. */
  private int next(int size, int alignment) {
    int start = (bytes + alignment - 1) / alignment * alignment;
    bytes = start + size;
    boolean member = structEnd > 0;
    int most = member ? structEnd : MAX_BYTES;
    if (bytes > most || (!member && count >= MAX_ARGUMENTS)) {
      throw Check.failure(
          "kernel %s: %d arguments with %d bytes; %d with %d are possible",
          function.name(), count + 1, bytes, MAX_ARGUMENTS, most);
    }
    if (!member) {
      pointers.putLong(8 * count++, valuesAddress + start);
    }
    return start;
  }
}
