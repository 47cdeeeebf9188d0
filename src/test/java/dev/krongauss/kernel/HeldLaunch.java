package dev.krongauss.kernel;

import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * The launch of a {@link KernelCase} at one size, held so that a benchmark repeats it as often as
 * it likes. The reference is never evaluated.
 *
 * <p>The case runs on a thread of its own up to its first launch and waits there, with everything
 * that it made still open; {@link #close()} ends it. A case that launches several times is held at
 * its first launch.
 */
public final class HeldLaunch implements AutoCloseable {
  private final CompletableFuture<Consumer<Stream>> held = new CompletableFuture<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private final Thread thread;
  private final Stream stream;
  private volatile Runnable restore;
  private volatile Trial trial;
  private volatile Throwable afterwards;

  private HeldLaunch(KernelCase c, Size size, Device device) {
    stream = device.stream();
    thread = new Thread(() -> run(c, size, device), c.name());
    thread.setDaemon(true);
  }

  /**
   * Runs the case up to its launch.
   *
   * @throws RuntimeException what stopped the case before it launched
   */
  public static HeldLaunch open(KernelCase c, Size size, Device device) {
    HeldLaunch launch = new HeldLaunch(c, size, device);
    launch.thread.start();
    try {
      launch.held.join();
    } catch (CompletionException e) {
      launch.close();
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    return launch;
  }

  /** The stream it launches on. */
  public Stream stream() {
    return stream;
  }

  /** Enqueues the launch; waits for nothing. */
  public void launch() {
    held.join().accept(stream);
  }

  /** Enqueues copies that undo what a launch changed; waits for nothing. */
  public void restore() {
    restore.run();
  }

  /** Lets the case go, frees what it held, and throws what it threw while doing so. */
  @Override
  public void close() {
    released.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (afterwards != null) {
      throw new IllegalStateException("closing " + thread.getName() + " failed", afterwards);
    }
  }

  private void run(KernelCase c, Size size, Device device) {
    long seed = new KernelTest.Run(c, size, KernelCase.Variant.MIXED).seed();
    try (Trial t = new Trial(c, size, KernelCase.Variant.MIXED, device, seed, this::hold)) {
      trial = t;
      c.run(t);
      held.completeExceptionally(new IllegalStateException(c + " launched nothing"));
    } catch (Released e) {
      // The way that every held case ends.
    } catch (Throwable e) {
      if (!held.completeExceptionally(e)) {
        afterwards = e;
      }
    }
  }

  private void hold(Consumer<Stream> body) {
    restore = trial.snapshot();
    held.complete(body);
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new Released();
  }

  /** Unwinds a case from its launch. */
  private static final class Released extends RuntimeException {
    private static final long serialVersionUID = 1;

    Released() {
      super("released", null, false, false);
    }
  }
}
