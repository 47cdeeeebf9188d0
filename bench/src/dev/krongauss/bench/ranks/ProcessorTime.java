package dev.krongauss.bench.ranks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Processor time that the threads of this process have taken, to the nanosecond as Linux counts it,
 * and what of it the compilers of the JVM have: they translate Java behind the work, for minutes,
 * and are no part of what an update costs.
 */
final class ProcessorTime {
  private static final Path THREADS = Path.of("/proc/self/task");
  private static final Path THIS_THREAD = Path.of("/proc/thread-self");

  private final Map<Path, Long> begin;
  private final long own;

  /** At the beginning of a span: what reading this takes lies before it. */
  ProcessorTime() {
    try {
      begin = read();
      own = nanoseconds(THIS_THREAD);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Milliseconds since: of the process, and of that without its compilers. */
  double[] since() {
    long all = 0;
    long compilers = 0;
    try {
      long now = nanoseconds(THIS_THREAD); // before the others are read
      Path self = THREADS.resolve(THIS_THREAD.toRealPath().getFileName());
      Map<Path, Long> end = read();
      end.put(self, now);
      begin.put(self, own);
      for (Map.Entry<Path, Long> thread : end.entrySet()) {
        long taken = thread.getValue() - begin.getOrDefault(thread.getKey(), 0L);
        all += taken;
        compilers += compiles(thread.getKey()) ? taken : 0;
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return new double[] {all / 1e6, (all - compilers) / 1e6};
  }

  private static Map<Path, Long> read() throws IOException {
    Map<Path, Long> times = new HashMap<>();
    try (Stream<Path> threads = Files.list(THREADS)) {
      for (Path thread : threads.toList()) {
        try {
          times.put(thread, nanoseconds(thread));
        } catch (IOException e) {
          if (Files.exists(thread)) {
            throw e;
          } // else it has just ended
        }
      }
    }
    return times;
  }

  private static long nanoseconds(Path thread) throws IOException {
    return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
  }

  private static boolean compiles(Path thread) throws IOException {
    String name = Files.exists(thread) ? Files.readString(thread.resolve("comm")) : "";
    return name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler");
  }

  private static UncheckedIOException unreadable(IOException e) {
    return new UncheckedIOException("the times of this process' threads cannot be read", e);
  }
}
