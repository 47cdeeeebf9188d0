package dev.krongauss.dist;

import dev.krongauss.device.ForeignFunction;
import dev.krongauss.device.ForeignFunction.Type;
import dev.krongauss.device.ForeignLibrary;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Signals that the JVM lives on. UCX, which carries the messages of MPICH and often of Open MPI,
 * takes SIGSEGV and others when it is loaded, to print where a program fell; but a JVM stops its
 * threads with SIGSEGV, and would end at its next garbage collection. Seen with libucs 1.13.1 below
 * MPICH 4.0.2; UCX's own Java binding sets the same variable.
 *
 * <p>Open MPI's own handlers ({@code opal_signal}) leave alone a signal that has one.
 */
final class MpiSignals {
  private static final String VARIABLE = "UCX_ERROR_SIGNALS";

  private MpiSignals() {}

  /** Before UCX is loaded. What the user has set holds. */
  static void leaveToJvm() {
    ForeignLibrary c =
        ForeignLibrary.open("the C library", List.of("libc.so.6"), "use a Linux with glibc");
    ForeignFunction setenv = c.function("setenv", Type.WORD, Type.WORD, Type.INT);
    ByteBuffer text = MpiCalls.direct(VARIABLE.length() + 2); // the name, then an empty value
    text.put(0, VARIABLE.getBytes(StandardCharsets.US_ASCII));
    long name = ForeignLibrary.addressOf(text);
    setenv.call(name, name + VARIABLE.length() + 1, 0);
  }
}
