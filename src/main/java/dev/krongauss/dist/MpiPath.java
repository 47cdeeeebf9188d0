package dev.krongauss.dist;

import dev.krongauss.device.Stream;

/** How MPI brings device memory from rank to rank; all ranks go the same way, or a call says so. */
interface MpiPath {
  /** Swaps memory with the call's peer. */
  void exchange(Stream s, MpiCall call, long send, long receive);

  /** Copies memory of the call's root to all, of whom there are two at least. */
  void broadcast(Stream s, MpiCall call, long address);

  /** How often this has waited on the host for a stream. */
  long waits();

  /** Frees what this holds; nothing may be under way. */
  void close();
}
