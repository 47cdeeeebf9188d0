package dev.krongauss.device;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What was made from a device and is not closed yet: arenas, streams, events, staging memory and
 * graphs. Safe from any thread.
 */
final class OpenResources {
  private final Construction construction;
  private final Set<AutoCloseable> resources = new LinkedHashSet<>();
  private boolean closed;

  /**
   * @param construction is told of each resource
   */
  OpenResources(Construction construction) {
    this.construction = construction;
  }

  /**
   * @throws IllegalArgumentException after {@link #end}
   */
  synchronized <T extends AutoCloseable> T add(T resource) {
    Check.that(!closed, "the device is closed; open a new one");
    resources.add(resource);
    construction.made(resource);
    return resource;
  }

  /** A resource was closed. */
  synchronized void forget(AutoCloseable resource) {
    resources.remove(resource);
  }

  /**
   * Takes no more resources.
   *
   * @return false if it did not before either
   */
  synchronized boolean end() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** Closes all, the last made first. Each of them is {@linkplain #forget forgotten} by itself. */
  void close(Closing closing) {
    List<AutoCloseable> open;
    synchronized (this) {
      open = new ArrayList<>(resources);
    }
    for (int i = open.size() - 1; i >= 0; i--) {
      closing.close(open.get(i));
    }
  }
}
