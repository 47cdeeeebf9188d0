package dev.krongauss.device;

import java.util.function.Consumer;

/**
 * Work beside that of another stream: it follows what that stream had before {@link #fork}, and
 * what that stream gets after {@link #join} follows it. In between neither side waits for the
 * other, so that they share no memory that one of them writes.
 *
 * <p>Within {@link Stream#capture} of that stream both sides become nodes of the same graph, which
 * is ordered as the streams would be; every fork needs its join before the capture ends. Owns a
 * stream and two events; for one thread at a time.
 */
public final class Branch implements AutoCloseable {
  private final Stream stream;
  private final Event forked;
  private final Event ended;

  /** Makes the stream and the events; they are freed with the device at the latest. */
  public Branch(Device device) {
    stream = device.newStream();
    forked = device.newEvent();
    ended = device.newEvent();
  }

  /**
   * Enqueues work on the branch's stream, behind all that {@code main} has been given so far.
   *
   * @param work is given that stream; where it fails the branch is ended as far as it went
   */
  public void fork(Stream main, Consumer<Stream> work) {
    forked.record(main);
    stream.await(forked);
    try {
      work.accept(stream);
    } catch (RuntimeException | Error e) {
      stream.launch().abandon();
      throw e;
    }
    ended.record(stream);
  }

  /** What {@code main} is given from now on follows the work of the last {@link #fork}. */
  public void join(Stream main) {
    main.await(ended);
  }

  /**
   * Waits for nothing: a stream that is destroyed ends its work first. Closing twice is allowed.
   */
  @Override
  public void close() {
    forked.close();
    ended.close();
    stream.close();
  }
}
