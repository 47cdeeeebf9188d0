package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tensors are matrices where they lie, or are refused with what to do. */
final class ViewsTest {
  private Device device;
  private Views views;

  @BeforeEach
  void open() {
    device = Device.open();
    views = new Views(device);
  }

  @AfterEach
  void close() {
    views.close();
    device.close();
  }

  @Test
  void bothSidesSeeWhatTheOtherWrites() {
    Tensor tensor = torch.zeros(3, 5);
    Matrix matrix = views.matrix(tensor);
    matrix.upload(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, device.stream());
    assertEquals(7, tensor.select(0, 1).select(0, 2).item_float());
    tensor.select(0, 2).fill_(new org.bytedeco.pytorch.Scalar(-1f));
    assertArrayEquals(
        new float[] {-1, -1, -1, -1, -1}, matrix.rows(2, 1).download(device.stream()));
  }

  @Test
  void partsOfOneStorageAreViewsOfIt() {
    Tensor whole = torch.arange(new org.bytedeco.pytorch.Scalar(24f)).reshape(4, 6);
    Matrix all = views.matrix(whole);
    Matrix part = views.matrix(whole.narrow(0, 1, 2).narrow(1, 2, 3));
    assertEquals(all.pointer() + 4 * (6 + 2), part.pointer());
    assertEquals(6, part.stride());
    assertArrayEquals(new float[] {8, 9, 10, 14, 15, 16}, part.download(device.stream()));
  }

  @Test
  void memoryCanBeRegisteredAgainWhenItWasReleased() {
    Tensor tensor = ones(7);
    for (int k = 0; k < 3; k++) {
      try (Views passing = new Views(device)) {
        assertEquals(7, passing.matrix(tensor).columns());
      }
    }
  }

  @Test
  void whatIsNoMatrixIsRefused() {
    refused(randn(3, 4).t(), "contiguous()");
    refused(randn(3, 4).narrow(1, 0, 1).expand(3, 4), "contiguous()");
    refused(randn(1, 4).expand(3, 4), "contiguous()");
    refused(randn(2, 3, 4), "reshape it to [rows][columns]");
    refused(randn(3, 4).to(torch.ScalarType.Double), "to(Float)");
    refused(randn(3, 4).narrow(0, 0, 0), "is empty");
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> views.ints(randn(3, 4)))
            .getMessage()
            .contains("to(Int)"));
  }

  private void refused(Tensor tensor, String wayOut) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> views.matrix(tensor)).getMessage();
    assertTrue(message.contains(wayOut), message);
  }
}
