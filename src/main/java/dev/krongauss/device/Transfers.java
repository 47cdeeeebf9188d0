package dev.krongauss.device;

import static jcuda.driver.JCudaDriver.cuMemcpy2DAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUDA_MEMCPY2D;
import jcuda.driver.CUmemorytype;

/**
 * A device's copies between Java arrays and device memory, through one pinned buffer, and its
 * copies within the device. Only rows × columns are written, whatever the strides.
 *
 * <p>Every copy is enqueued on the caller's stream and waited for there. The driver's copies
 * without a stream would not do: from an array they may still be on their way when the call
 * returns, on the default stream, for which this library's streams do not wait; and they wait for,
 * or disturb a capture of, streams that other code in the JVM has made.
 */
final class Transfers {
  /** Of the pinned buffer: large enough that waiting for each piece costs little. */
  static final int PIECE_BYTES = 4 << 20;

  private static final int PIECE = PIECE_BYTES / Float.BYTES;

  private final Device device;
  private final Staging staging;
  private final Stream clearing;

  Transfers(Device device) {
    this.device = device;
    staging = device.staging(PIECE_BYTES);
    clearing = device.newStream();
  }

  /** Moves {@code count} values of an array between its index {@code first} and the buffer. */
  interface Move {
    void accept(ByteBuffer buffer, int first, int count);
  }

  /**
   * Copies to the device and waits until the values are there.
   *
   * @param to compact rows of it follow one another in the array behind {@code move}
   */
  void upload(Move move, Matrix to, Stream stream, String what) {
    stream.synchronize();
    synchronized (staging) {
      pieces(
          to,
          (piece, first) -> {
            move.accept(staging.bytes(), first, piece.rows() * piece.columns());
            staging.upload(piece, piece.columns(), stream, what);
            stream.synchronize();
          });
    }
  }

  /** Copies to the host and waits for it; otherwise as {@link #upload}. */
  void download(Matrix from, Move move, Stream stream, String what) {
    stream.synchronize();
    synchronized (staging) {
      pieces(
          from,
          (piece, first) -> {
            staging.download(piece, piece.columns(), stream, what);
            stream.synchronize();
            move.accept(staging.bytes(), first, piece.rows() * piece.columns());
          });
    }
  }

  /** Fills memory that no stream uses yet with zeros, and waits for it. */
  void clear(long pointer, long bytes, String what) {
    synchronized (clearing) {
      device
          .driver()
          .check(
              what,
              () ->
                  cuMemsetD8Async(new DevicePointer(pointer), (byte) 0, bytes, clearing.handle()));
      clearing.synchronize();
    }
  }

  /**
   * Enqueues a copy of {@code from} into {@code to} (same shape, any strides, no element in
   * common); does not wait.
   */
  static void copy(Matrix from, Matrix to, Stream stream) {
    stream.device().driver().check("copy of ", from, copying(from, to, stream));
  }

  /** The call that does so, to be repeated. */
  static Driver.Call copying(Matrix from, Matrix to, Stream stream) {
    Check.shape(to, from.rows(), from.columns(), "copy target");
    Check.that(
        !Overlap.of(from, to),
        "copy of %s into %s, which share memory; copy to a matrix of its own first",
        from,
        to);
    if (compact(from) && compact(to)) {
      long bytes = 4L * from.rows() * from.columns();
      DevicePointer source = new DevicePointer(from.pointer());
      DevicePointer target = new DevicePointer(to.pointer());
      return () -> cuMemcpyDtoDAsync(target, source, bytes, stream.handle());
    }
    CUDA_MEMCPY2D copy = rows(from);
    source(copy, from);
    target(copy, to);
    return () -> cuMemcpy2DAsync(copy, stream.handle());
  }

  /** Enqueues a copy of rows that lie {@code stride} floats apart on the host. */
  static void upload(Pointer host, int stride, Matrix to, Stream stream, String what) {
    stream.device().driver().check(what, uploading(host, stride, to, stream));
  }

  /** The call that does so, to be repeated. */
  static Driver.Call uploading(Pointer host, int stride, Matrix to, Stream stream) {
    CUDA_MEMCPY2D copy = rows(to);
    copy.srcMemoryType = CUmemorytype.CU_MEMORYTYPE_HOST;
    copy.srcHost = host;
    copy.srcPitch = pitch(to.rows(), to.columns(), stride);
    target(copy, to);
    return () -> cuMemcpy2DAsync(copy, stream.handle());
  }

  /** The way back of {@link #upload(Pointer, int, Matrix, Stream, String)}. */
  static void download(Matrix from, Pointer host, int stride, Stream stream, String what) {
    CUDA_MEMCPY2D copy = rows(from);
    source(copy, from);
    copy.dstMemoryType = CUmemorytype.CU_MEMORYTYPE_HOST;
    copy.dstHost = host;
    copy.dstPitch = pitch(from.rows(), from.columns(), stride);
    stream.device().driver().check(what, () -> cuMemcpy2DAsync(copy, stream.handle()));
  }

  /**
   * Calls {@code body} with views of at most {@link #PIECE} elements, and the index of the first of
   * them in compact rows: of whole rows where one fits, else of a part of one.
   */
  private static void pieces(Matrix matrix, Piece body) {
    Matrix m = compact(matrix) ? flat(matrix) : matrix;
    int columns = Math.min(m.columns(), PIECE);
    int rows = Math.min(m.rows(), PIECE / columns);
    for (int row = 0; row < m.rows(); row += rows) {
      for (int column = 0; column < m.columns(); column += columns) {
        Matrix piece =
            Matrix.wrap(
                m.pointer() + 4L * ((long) row * m.stride() + column),
                Math.min(rows, m.rows() - row),
                Math.min(columns, m.columns() - column),
                m.stride());
        body.accept(piece, row * m.columns() + column);
        if (column > m.columns() - columns) {
          break;
        }
      }
      if (row > m.rows() - rows) {
        break;
      }
    }
  }

  private interface Piece {
    void accept(Matrix piece, int first);
  }

  private static boolean compact(Matrix matrix) {
    return matrix.rows() == 1 || matrix.stride() == matrix.columns();
  }

  private static Matrix flat(Matrix compact) {
    int count = Math.multiplyExact(compact.rows(), compact.columns());
    return Matrix.wrap(compact.pointer(), 1, count, count);
  }

  private static CUDA_MEMCPY2D rows(Matrix matrix) {
    CUDA_MEMCPY2D copy = new CUDA_MEMCPY2D();
    copy.WidthInBytes = 4L * matrix.columns();
    copy.Height = matrix.rows();
    return copy;
  }

  private static void source(CUDA_MEMCPY2D copy, Matrix matrix) {
    copy.srcMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
    copy.srcDevice = new DevicePointer(matrix.pointer());
    copy.srcPitch = pitch(matrix.rows(), matrix.columns(), matrix.stride());
  }

  private static void target(CUDA_MEMCPY2D copy, Matrix matrix) {
    copy.dstMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
    copy.dstDevice = new DevicePointer(matrix.pointer());
    copy.dstPitch = pitch(matrix.rows(), matrix.columns(), matrix.stride());
  }

  /** Bytes from row to row; of a single row its own, since the driver refuses pitches of 2 GiB. */
  private static long pitch(int rows, int columns, int stride) {
    return 4L * (rows == 1 ? columns : stride);
  }
}
