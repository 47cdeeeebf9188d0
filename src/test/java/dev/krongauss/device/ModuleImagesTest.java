package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A driver that refuses an image gets the next one. */
final class ModuleImagesTest {
  private static final Resources.Image FATBIN =
      new Resources.Image("adam.fatbin", new byte[] {'f', 'a', 't'}, false);
  private static final Resources.Image PTX = Resources.kernels("adam", List.of(".ptx")).get(0);

  private final Device device = TestDevice.get();
  private final List<byte[]> offered = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(
      ints = {
        CUresult.CUDA_ERROR_INVALID_IMAGE,
        CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
        CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
        CUresult.CUDA_ERROR_INVALID_PTX
      })
  void thePtxFollowsARefusedFatbin(int refusal) {
    try (Module module =
        Module.load(device, List.of(FATBIN, PTX), driver(Map.of("fat", refusal)))) {
      assertThat(module.function("adam_f32").maxThreadsPerBlock()).isPositive();
    }
    assertThat(offered).hasSize(2);
    assertThat(offered.get(1)).as("PTX ends in NUL").endsWith((byte) 0);
  }

  @Test
  void aDriverThatRefusesAllIsQuotedForEach() {
    Module.Loader none =
        driver(
            Map.of(
                "fat",
                CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
                "//",
                CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                ".v",
                CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION));
    assertThatThrownBy(() -> Module.load(device, List.of(FATBIN, PTX), none))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("loading of adam.fatbin failed: CUDA_ERROR_NO_BINARY_FOR_GPU (209)")
        .hasMessageContaining(
            "loading of adam.ptx failed: CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)");
  }

  @Test
  void anotherFailureIsNoRefusal() {
    Module.Loader full = driver(Map.of("fat", CUresult.CUDA_ERROR_OUT_OF_MEMORY));
    assertThatThrownBy(() -> Module.load(device, List.of(FATBIN, PTX), full))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("loading of adam.fatbin failed: CUDA_ERROR_OUT_OF_MEMORY (2)");
    assertThat(offered).hasSize(1);
  }

  @Test
  void theLogSaysWhatRuns() {
    assertThat(Module.form("gram.fatbin", 90)).isEqualTo("cubin sm_90 of gram.fatbin");
    assertThat(Module.form("gram.fatbin", 120))
        .isEqualTo("PTX of gram.fatbin, compiled by the driver for sm_120");
    assertThat(Module.form("gram.ptx", 90))
        .isEqualTo("PTX of gram.ptx, compiled by the driver for sm_90");
  }

  /** A driver that refuses images by their beginning, and loads others. */
  private Module.Loader driver(Map<String, Integer> refusals) {
    return (module, image) -> {
      offered.add(image);
      for (Map.Entry<String, Integer> refusal : refusals.entrySet()) {
        if (new String(image, java.nio.charset.StandardCharsets.US_ASCII)
            .startsWith(refusal.getKey())) {
          return refusal.getValue();
        }
      }
      return load(module, image);
    };
  }

  private int load(CUmodule module, byte[] image) {
    return device.driver().result(() -> JCudaDriver.cuModuleLoadData(module, image));
  }
}
