package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Cuts;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Batch;
import dev.krongauss.model.BatchSource;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Updates as graphs: a kind of update is enqueued as it is the first time, which allocates what it
 * needs, captured the second time, and replayed from then on: as one graph, or with other ranks as
 * several, between which they are called. A kind that cannot be captured goes on being enqueued
 * call by call, and the others are replayed.
 */
final class Replays implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

  private final Stream stream;
  private final Cuts cuts;
  private final Model model;
  private final boolean on;
  private final Phases phases;
  private final List<Update> kinds = new ArrayList<>();
  private boolean warned;
  private boolean closed;
  private long stamp = Model.NOT_CAPTURABLE;
  private BatchSource source; // brings the batch as the beginning of a graph; null for none
  private boolean brings; // in the update that is being enqueued
  private Matrix inputs;
  private Matrix targets;
  private FixedBatch copy;
  private int lastNodes;

  /**
   * Replays unless {@code -Dkrongauss.graphs=off}, or the model or the loss cannot be captured.
   *
   * @throws IllegalArgumentException if that property is neither on nor off
   */
  Replays(Stream stream, Model model, LossFunction.OnDevice loss, Phases phases, Chunks chunks) {
    String wanted = System.getProperty("krongauss.graphs", "on");
    Check.that(
        wanted.equals("on") || wanted.equals("off"),
        "krongauss.graphs is '%s'; it must be on or off",
        wanted);
    this.stream = stream;
    this.cuts = chunks.cuts();
    this.model = model;
    this.phases = phases;
    this.on =
        wanted.equals("on") && loss.capturable() && model.captureStamp() != Model.NOT_CAPTURABLE;
  }

  /**
   * Fails, before anything has changed, where the optimiser is closed or the caller captures the
   * device's stream.
   *
   * @throws IllegalStateException then
   */
  void checkUsable() {
    if (closed) {
      throw new IllegalStateException("the optimiser is closed; build another one");
    }
    if (stream.capturing()) {
      throw new IllegalStateException(
          "an optimiser within a capture of the device's own stream; optimisers capture and replay"
              + " their updates themselves: call them outside of the capture");
    }
  }

  /**
   * The batch that the next update has to use, at addresses that stay: the batch itself as long as
   * all lie where the first one did, as those of {@link dev.krongauss.data.Batches} do; once one
   * lies elsewhere a copy, from then on. Where updates are not replayed, the batch itself. Of a
   * batch that a source brings, its place: the update begins with bringing it.
   */
  Batch take(Batch next) {
    if (!on) {
      return next;
    }
    BatchSource from = next.source();
    Batch place = from == null ? next : from.place();
    if (copy == null && inPlace(place)) {
      follow(from);
      inputs = place.inputs();
      targets = place.targets();
      brings = source != null && !phases.watched();
      return brings ? place : there(next);
    }
    source = null;
    brings = false;
    if (copy == null || !copy.fits(next)) {
      forget();
      if (copy != null) {
        stream.synchronize();
        copy.close();
        copy = null; // until there is memory again
      }
      Device device = stream.device();
      copy = device.allOrNothing(() -> new FixedBatch(device, next));
    }
    copy.take(next, stream);
    return copy;
  }

  /**
   * A kind of update.
   *
   * @param work enqueues one: the same each time
   * @param afterwards enqueues what follows each, in calls of this library alone, and is not
   *     captured
   */
  Update kind(Runnable work, Runnable afterwards) {
    Update kind = new Update(work, afterwards);
    kinds.add(kind);
    return kind;
  }

  /** A kind of update, and the graphs that it was captured in. */
  final class Update {
    private final Runnable work;
    private final Runnable afterwards;
    private final Runnable next = this::enqueueNext;
    private final Runnable replay = this::launch;
    private boolean capturable;
    private boolean enqueued;
    private boolean refused;
    private Cuts.Pieces pieces; // null before it was captured

    private Update(Runnable work, Runnable afterwards) {
      this.work = work;
      this.afterwards = afterwards;
    }

    /**
     * Enqueues an update, as a whole for predictions from other threads.
     *
     * @param mayCapture false if it is known that the work calls what cannot be captured
     */
    void run(boolean mayCapture) {
      capturable = mayCapture;
      stream.alone(next);
    }

    /** Nodes of its graphs; 0 before it was captured. */
    int nodes() {
      return pieces == null ? 0 : pieces.nodes();
    }

    private void enqueueNext() {
      lastNodes = 0;
      if (on) {
        notice(model.captureStamp());
        captureWhereDue();
        if (brings) {
          source.expect();
        }
      }
      if (pieces == null || phases.watched()) {
        enqueue();
        return;
      }
      if (pieces.whole()) {
        stream.together(replay);
      } else {
        replay.run();
      }
      lastNodes = pieces.nodes();
    }

    private void launch() {
      pieces.run();
      afterwards.run();
    }

    private void enqueue() {
      whole();
      afterwards.run();
      if (on) {
        notice(model.captureStamp());
        enqueued = true;
      }
    }

    /** A driver that cannot capture one of the calls costs speed, not the run. */
    private void captureWhereDue() {
      if (phases.watched() || pieces != null || refused) {
        return;
      }
      if (!capturable) {
        refuse("it calls a library that allocates and waits");
      } else if (enqueued) {
        try {
          pieces = cuts.capture(stream, this::whole);
        } catch (DeviceException e) {
          refuse(e.getMessage());
        }
      }
    }

    private void refuse(String reason) {
      refused = true;
      if (!warned) {
        warned = true;
        LOG.warn(
            "a kind of update cannot be captured as a graph and is enqueued call by call, others"
                + " are replayed: {}",
            reason);
      }
    }

    /** An update with its batch. */
    private void whole() {
      if (brings) {
        source.bring(stream);
      }
      work.run();
    }

    private void forget() {
      enqueued = false;
      if (pieces != null) {
        pieces.close();
        pieces = null;
      }
    }
  }

  /** Nodes of the graphs that the last update was; 0 where it was enqueued call by call. */
  int lastNodes() {
    return lastNodes;
  }

  /** Drops all graphs, since memory that they use has gone or is about to. */
  void forget() {
    kinds.forEach(Update::forget);
  }

  @Override
  public void close() {
    closed = true;
    forget();
    if (copy != null) {
      copy.close();
    }
  }

  /** Takes the source of the first batch, until one comes from elsewhere. */
  private void follow(BatchSource from) {
    if (inputs == null) {
      source = from;
    } else if (source != null && source != from) {
      forget();
      source = source.isClosed() ? from : null;
    }
  }

  /** A batch whose rows are brought now. */
  private static Batch there(Batch next) {
    next.inputs();
    return next;
  }

  /** Whether a batch lies where the first one did, and is laid out alike. */
  private boolean inPlace(Batch next) {
    return inputs == null || (same(next.inputs(), inputs) && same(next.targets(), targets));
  }

  private static boolean same(Matrix a, Matrix b) {
    return a.pointer() == b.pointer()
        && a.stride() == b.stride()
        && a.rows() == b.rows()
        && a.columns() == b.columns();
  }

  private void notice(long now) {
    if (now != stamp) {
      forget();
      stamp = now;
    }
  }
}
