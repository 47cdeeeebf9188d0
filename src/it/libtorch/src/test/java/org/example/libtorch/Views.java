package org.example.libtorch;

import dev.krongauss.device.Device;
import dev.krongauss.device.HostMemory;
import dev.krongauss.device.Matrix;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Storage;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * LibTorch's tensors as Krongauss' matrices, where they lie: nothing is copied. A tensor on the CPU
 * is registered with the device, once a storage, until this is closed; that is for SoftCUDA, whose
 * device memory is the host's. A tensor on a GPU is device memory already (not tried: no GPU was at
 * hand).
 *
 * <p>A view does not keep its tensor alive. Whoever makes one holds the tensor until the stream is
 * through with it.
 */
final class Views implements AutoCloseable {
  private final Device device;
  private final Map<Long, HostMemory> storages = new HashMap<>();

  Views(Device device) {
    this.device = device;
  }

  /**
   * A view of all elements of a tensor.
   *
   * @param tensor floats, {@code [rows][columns]} with elements of a row beside one another, or a
   *     vector, which is one row
   * @throws IllegalArgumentException if it is none of this, with what to do
   */
  Matrix matrix(Tensor tensor) {
    long dim = tensor.dim();
    boolean vector = dim == 1;
    check(dim == 2 || vector, tensor, "has " + dim + " dimensions: reshape it to [rows][columns]");
    check(tensor.numel() > 0, tensor, "is empty");
    check(tensor.stride(dim - 1) == 1, tensor, "is transposed or strided: call contiguous()");
    int rows = vector ? 1 : Math.toIntExact(tensor.size(0));
    int columns = Math.toIntExact(tensor.size(dim - 1));
    int stride = vector || rows == 1 ? columns : Math.toIntExact(tensor.stride(0));
    check(stride >= columns, tensor, "is expanded, its rows overlap: call contiguous()");
    check(
        tensor.scalar_type().intern() == ScalarType.Float,
        tensor,
        "is not of Float: call to(Float)");
    return Matrix.wrap(pointer(tensor), rows, columns, stride);
  }

  /**
   * Device address of the first of a tensor's ints, which are compact.
   *
   * @throws IllegalArgumentException if they are no ints, or not compact
   */
  long ints(Tensor tensor) {
    check(tensor.scalar_type().intern() == ScalarType.Int, tensor, "is not of Int: call to(Int)");
    check(tensor.is_contiguous(), tensor, "is not compact: call contiguous()");
    return pointer(tensor);
  }

  private long pointer(Tensor tensor) {
    long address = tensor.data_ptr().address();
    if (tensor.is_cuda()) {
      check(!device.isSoftware(), tensor, "is on a GPU and the device is SoftCUDA");
      return address;
    }
    check(tensor.is_cpu(), tensor, "is neither on the CPU nor on a GPU");
    check(device.isSoftware(), tensor, "is on the CPU and the device a GPU: move the model there");
    Storage storage = tensor.storage();
    long start = storage.data().address();
    HostMemory memory = storages.computeIfAbsent(start, s -> device.register(s, storage.nbytes()));
    return memory.pointer() + (address - start);
  }

  private static void check(boolean fits, Tensor tensor, String cause) {
    if (!fits) {
      throw new IllegalArgumentException(
          "tensor of " + tensor.numel() + " elements " + cause + "; it was not given to Krongauss");
    }
  }

  /** Waits for the device and releases what was registered. */
  @Override
  public void close() {
    storages.values().forEach(HostMemory::close);
    storages.clear();
  }
}
