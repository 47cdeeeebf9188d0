package dev.krongauss.device;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import jcuda.CudaException;
import jcuda.driver.CUresult;
import jcuda.jcublas.cublasStatus;
import jcuda.jcusolver.cusolverStatus;

/**
 * The result code in JCuda's exception, which carries only the code's name: {@code
 * CUDA_ERROR_NOT_READY}, or {@code INVALID CUresult: 1234} for a code that JCuda does not know.
 */
final class Results {
  /** Beyond the greatest code, CUDA_ERROR_UNKNOWN. */
  private static final int CODES = 1000;

  private static final String UNNAMED = "INVALID ";

  private static final Map<String, Integer> CODE_OF_NAME = new HashMap<>();

  static {
    enter(CUresult::stringFor);
    enter(cublasStatus::stringFor);
    enter(cusolverStatus::stringFor);
  }

  private Results() {}

  /**
   * @throws CudaException the same, if it is not about a result
   */
  static int code(CudaException exception) {
    String name = String.valueOf(exception.getMessage());
    Integer code = CODE_OF_NAME.get(name);
    if (code != null) {
      return code;
    }
    if (name.matches(UNNAMED + "\\w+: -?\\d+")) {
      return Integer.parseInt(name.substring(name.lastIndexOf(' ') + 1));
    }
    throw exception;
  }

  private static void enter(IntFunction<String> nameOfCode) {
    for (int code = 0; code < CODES; code++) {
      String name = nameOfCode.apply(code);
      if (!name.startsWith(UNNAMED)) {
        CODE_OF_NAME.put(name, code);
      }
    }
  }
}
