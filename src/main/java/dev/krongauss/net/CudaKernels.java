package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.PtxModule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernels of a user's loss in PTX, held against the signatures of {@code
 * kernels/custom_loss.cuh} before the driver sees them: a launch with other parameters would read
 * and write anywhere.
 */
final class CudaKernels {
  static final String EVALUATE = "loss_evaluate";
  static final String SQUARE_ROOT = "loss_square_root";
  static final String SAMPLED_GRADIENT = "loss_sampled_gradient";
  static final String HESSIAN_VECTOR = "loss_hessian_vector";

  private static final Map<String, String> SIGNATURES =
      Map.of(
          EVALUATE,
          "const float* h, int h_stride, const float* t, int t_stride, float* gradient, int gradient_stride,"
              + " float* values, int N, int d",
          SQUARE_ROOT,
          "const float* h, int h_stride, const float* t, int t_stride, float* C, int C_stride, int N, int d, int K",
          SAMPLED_GRADIENT,
          "const float* h, int h_stride, float* gradient, int gradient_stride, int N, int d, long long seed,"
              + " const int* step",
          HESSIAN_VECTOR,
          "const float* h, int h_stride, const float* t, int t_stride, const float* v, int v_stride, float* product,"
              + " int product_stride, int N, int d");

  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+([\\w$]+)\\s*\\(([^)]*)\\)");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.([bsuf]\\d+)[^,]*?(\\[\\d+\\])?\\s*(?:,|$)");

  private final String name;
  private final String ptx;
  private final Map<String, List<String>> entries = new LinkedHashMap<>();

  /**
   * @throws IllegalArgumentException if the text is no PTX, a kernel is missing or has other
   *     parameters
   */
  CudaKernels(String name, String ptx) {
    this.name = name;
    this.ptx = ptx;
    Check.that(
        ptx.contains(".version") && ptx.contains(".target"),
        "loss '%s': this is no PTX, which begins with .version and .target: %s; nvcc -ptx makes it of CUDA source, for"
            + " which there is source(...)",
        name,
        ptx.isBlank() ? "(empty)" : "'" + ptx.strip().lines().findFirst().orElse("") + "'");
    Matcher entry = ENTRY.matcher(ptx);
    while (entry.find()) {
      entries.put(entry.group(1), parameters(entry.group(2)));
    }
    require(EVALUATE);
    require(SQUARE_ROOT);
    SIGNATURES.keySet().stream().filter(this::has).forEach(this::check);
  }

  boolean has(String kernel) {
    return entries.containsKey(kernel);
  }

  /** The kernels on a device; who asks for them closes them. */
  PtxModule on(Device device) {
    return device.ptx("the PTX of loss '" + name + "'", ptx);
  }

  /** A kernel of that module, or null if the loss does not have it. */
  Function of(PtxModule module, String kernel) {
    return has(kernel) ? module.function(kernel) : null;
  }

  private void require(String kernel) {
    Check.that(
        has(kernel),
        "loss '%s' has no kernel %s; its kernels are %s. Expected: extern \"C\" __global__ void %s(%s) (without"
            + " extern \"C\" the compiler gives it another name)",
        name,
        kernel,
        entries.keySet(),
        kernel,
        SIGNATURES.get(kernel));
  }

  private void check(String kernel) {
    List<String> wanted = new ArrayList<>();
    for (String parameter : SIGNATURES.get(kernel).split(", ")) {
      wanted.add(parameter.contains("*") || parameter.startsWith("long long") ? "64" : "32");
    }
    List<String> found = entries.get(kernel);
    boolean same = found.size() == wanted.size();
    for (int i = 0; same && i < found.size(); i++) {
      same = found.get(i).matches("[bsu]" + wanted.get(i));
    }
    Check.that(
        same,
        "kernel %s of loss '%s' has the parameters %s. Expected: extern \"C\" __global__ void %s(%s), in PTX 64 bits for"
            + " a pointer and a long long, 32 for an int",
        kernel,
        name,
        found,
        kernel,
        SIGNATURES.get(kernel));
  }

  private static List<String> parameters(String list) {
    List<String> types = new ArrayList<>();
    Matcher parameter = PARAMETER.matcher(list);
    while (parameter.find()) {
      types.add(parameter.group(1) + (parameter.group(2) == null ? "" : parameter.group(2)));
    }
    return types;
  }
}
