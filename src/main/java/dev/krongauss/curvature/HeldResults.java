package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Results in memory of their own each, which is freed again if the result cannot be computed. */
final class HeldResults implements AutoCloseable {
  private final Device device;
  private final List<Arena> arenas = new ArrayList<>();

  HeldResults(Device device) {
    this.device = device;
  }

  /**
   * Computes a result.
   *
   * @param name of its memory
   */
  <T> T add(String name, Function<Arena, T> compute) {
    Arena arena = device.newArena(name);
    try {
      T result = compute.apply(arena);
      arenas.add(arena);
      return result;
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** Device memory of all results, in bytes. */
  long bytes() {
    return arenas.stream().mapToLong(Arena::bytes).sum();
  }

  @Override
  public void close() {
    arenas.forEach(Arena::close);
    arenas.clear();
  }
}
