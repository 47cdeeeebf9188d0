package dev.krongauss.device;

import java.util.ArrayList;
import java.util.List;

/**
 * Work that is captured in pieces, where it has calls that no graph can hold, as those to another
 * rank or waits for the device. The work says where ({@link #call}) and which stream goes on
 * ({@link #to}). While nothing is captured, such calls are made at once.
 *
 * <p>For one thread at a time.
 */
public final class Cuts {
  private List<Runnable> steps; // null while nothing is captured
  private List<Graph> graphs;
  private Stream on;

  /**
   * Makes a call that cannot be captured: now, or in a capture between what was enqueued before and
   * what is enqueued behind it, whenever the pieces run. Such calls within it are part of it.
   */
  public void call(Runnable call) {
    if (steps == null) {
      call.run();
    } else {
      end();
      steps.add(call);
      Graph.begin(on);
    }
  }

  /** In a capture, what is enqueued from now on goes to that stream, and to no other. */
  public void to(Stream s) {
    if (steps != null && on != s) {
      end();
      on = s;
      Graph.begin(on);
    }
  }

  /** Whether what is enqueued on that stream runs, or is captured with the rest. */
  public boolean takes(Stream s) {
    return steps == null || s == on;
  }

  /**
   * Captures what {@code work} enqueues, instead of running it, in graphs that are closed with the
   * device at the latest, and keeps its calls between them. As {@link Stream#capture} for each
   * piece.
   *
   * @param s the stream of the first piece
   * @throws DeviceException as {@link Stream#capture}
   */
  public Pieces capture(Stream s, Runnable work) {
    Pieces[] pieces = new Pieces[1];
    s.alone(() -> pieces[0] = s.device().inContext(() -> pieces(s, work)));
    return pieces[0];
  }

  private Pieces pieces(Stream s, Runnable work) {
    Check.that(steps == null, "a capture within a capture; end the outer one first");
    steps = new ArrayList<>();
    graphs = new ArrayList<>();
    on = s;
    boolean whole = false;
    try {
      Graph.begin(on);
      try {
        work.run();
      } catch (RuntimeException | Error e) {
        Graph.abandon(on);
        throw e;
      }
      end();
      Check.that(!steps.isEmpty(), "nothing was enqueued on the stream while it was captured");
      whole = true;
      return new Pieces(graphs, steps.toArray(new Runnable[0]));
    } finally {
      if (!whole) {
        graphs.forEach(Graph::close);
      }
      steps = null;
    }
  }

  /** Ends a piece, of which nothing is left if nothing was enqueued. */
  private void end() {
    Graph graph = Graph.end(on);
    if (graph != null) {
      graphs.add(on.device().register(graph));
      steps.add(graph.launching(on)::run);
    }
  }

  /** What was captured: graphs, and calls between them. */
  public static final class Pieces implements AutoCloseable {
    private final List<Graph> graphs;
    private final Runnable[] steps;
    private final int nodes;

    private Pieces(List<Graph> graphs, Runnable[] steps) {
      this.graphs = graphs;
      this.steps = steps;
      this.nodes = graphs.stream().mapToInt(Graph::nodes).sum();
    }

    /** Launches the graphs and makes the calls between them, in their order. */
    public void run() {
      for (Runnable step : steps) {
        step.run();
      }
    }

    /** Whether it is one graph, without a call. */
    public boolean whole() {
      return steps.length == 1 && graphs.size() == 1;
    }

    /** Launches of a run. */
    public int graphs() {
      return graphs.size();
    }

    /** Nodes of all graphs. */
    public int nodes() {
      return nodes;
    }

    /** As {@link Graph#close} for all graphs. */
    @Override
    public void close() {
      graphs.forEach(Graph::close);
    }
  }
}
