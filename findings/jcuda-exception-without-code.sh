#!/usr/bin/env bash
# JCuda 12.6.0: the CudaException that a call throws in exception mode carries no result code, only the code's name as its message. A program
# that must tell "not ready" from a failure, or "out of memory" from a fault, has to parse the message; and two codes of CUDA 13 drivers, 226 and 721,
# have no name there, so their messages are another text again.
# Source: the classes in org.jcuda:jcuda:12.6.0; CUDA's cuda.h 13.0 for the two codes. Nothing native is loaded.
. "$(dirname "$0")/common.sh"
jars org.jcuda:jcuda:12.6.0
cat >Codes.java <<'JAVA'
import java.util.Arrays;
import jcuda.CudaException;
import jcuda.driver.CUresult;

public class Codes {
  public static void main(String[] arguments) {
    boolean number =
        Arrays.stream(CudaException.class.getDeclaredFields()).anyMatch(f -> f.getType() == int.class)
            || Arrays.stream(CudaException.class.getDeclaredMethods()).anyMatch(m -> m.getReturnType() == int.class);
    System.out.print("a code in the exception: " + number);
    for (int code : new int[] {600, 226, 721}) {
      System.out.print("; " + code + " is " + CUresult.stringFor(code));
    }
  }
}
JAVA
seen=$(java -cp "$jars" Codes.java)
same "what a caller of JCuda can learn of a failure" \
  "a code in the exception: true; 600 is CUDA_ERROR_NOT_READY; 226 is CUDA_ERROR_CONTAINED; 721 is CUDA_ERROR_TENSOR_MEMORY_LEAK" \
  "a code in the exception: false; 600 is CUDA_ERROR_NOT_READY; 226 is INVALID CUresult: 226; 721 is INVALID CUresult: 721" "$seen"
