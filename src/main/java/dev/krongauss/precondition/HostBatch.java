package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Repeated;
import dev.krongauss.device.Stream;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the places that batches from the host pass in turn: while the device works on one, the
 * next is filled. What is enqueued for a batch of a shape is captured with the first of it.
 */
final class HostBatch {
  /** What a layer is given, and how many rows; two that are alike are enqueued alike. */
  record Shape(int layer, int width, int rank, Positions positions, boolean lengths) {
    boolean is(int l, int w, int k, Positions p, boolean withLengths) {
      return layer == l
          && width == w
          && rank == k
          && lengths == withLengths
          && (positions == p || positions.alike(p));
    }
  }

  private record Entry(
      Shape shape, Graph upload, Graph work, Repeated copying, Repeated entering) {}

  private final PositionStatistics statistics;
  private final List<LayerSpec> layers;
  private final Stream copies;
  private final Stream work;
  private final HostPlace activations;
  private final HostPlace roots;
  private final HostPlace indices;
  private final HostPlace lengths;
  private final Event arrived;
  private final Event consumed;
  private final Repeated free;
  private final Repeated sent;
  private final Repeated awaited;
  private final Repeated used;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * @param rows N T K at most
   */
  HostBatch(
      Device device,
      Arena arena,
      PositionStatistics statistics,
      List<LayerSpec> layers,
      Stream copies,
      Stream work,
      int rows) {
    this.statistics = statistics;
    this.layers = layers;
    this.copies = copies;
    this.work = work;
    long in = layers.stream().mapToInt(HostBatch::inputs).max().orElse(1);
    long out = layers.stream().mapToInt(HostBatch::outputs).max().orElse(1);
    activations = new HostPlace(device, arena, in * rows, "activations from the host");
    roots = new HostPlace(device, arena, out * rows, "square roots from the host");
    indices = new HostPlace(device, arena, rows, "indices from the host");
    lengths = new HostPlace(device, arena, rows, "lengths from the host");
    arrived = device.newEvent();
    consumed = device.newEvent();
    free = consumed.waiting();
    sent = arrived.recording(copies);
    awaited = work.awaiting(arrived);
    used = consumed.recording(work);
  }

  /** Columns of what goes in beside the square root; 1 where nothing does. */
  static int inputs(LayerSpec spec) {
    return switch (spec.kind()) {
      case DENSE -> spec.activations();
      case EMBEDDING, SHIFT -> 1;
      default -> spec.width();
    };
  }

  /** Columns of the square root. */
  static int outputs(LayerSpec spec) {
    return switch (spec.kind()) {
      case DENSE -> spec.units();
      case EMBEDDING -> spec.activations();
      default -> spec.width();
    };
  }

  /** Floats that the activations and the square roots of a batch may have. */
  boolean holds(HostRows a, HostRows C) {
    return (a == null || (long) a.rows() * a.columns() <= activations.capacity())
        && (long) C.rows() * C.columns() <= roots.capacity();
  }

  /** Waits until the place is free, fills it and enqueues the rest. All is checked before. */
  void enter(
      int layer, HostRows a, int[] index, HostRows C, Positions positions, int[] validLengths) {
    int width = a == null ? 0 : a.columns();
    Entry entry = entry(layer, width, C.rows() / positions.rows(), positions, validLengths != null);
    free.run();
    if (a != null) {
      activations.fill(a);
    }
    if (index != null) {
      indices.fill(index, positions.rows());
    }
    if (validLengths != null) {
      lengths.fill(validLengths, positions.datapoints());
    }
    roots.fill(C);
    entry.copying().run();
    sent.run();
    awaited.run();
    entry.entering().run();
    used.run();
  }

  private Entry entry(int layer, int width, int rank, Positions positions, boolean withLengths) {
    for (int k = 0; k < entries.size(); k++) { // without an iterator, which is garbage
      if (entries.get(k).shape().is(layer, width, rank, positions, withLengths)) {
        return entries.get(k);
      }
    }
    Shape shape = new Shape(layer, width, rank, positions, withLengths);
    Graph upload = copies.capture(() -> upload(shape));
    Graph entering = work.capture(() -> accumulate(shape));
    Entry made =
        new Entry(shape, upload, entering, upload.launching(copies), entering.launching(work));
    entries.add(made);
    return made;
  }

  private void upload(Shape shape) {
    LayerSpec spec = layers.get(shape.layer());
    int rows = shape.positions().rows();
    if (shape.width() > 0) {
      activations.upload(rows * shape.width(), copies);
    }
    if (spec.kind() == LayerSpec.Kind.EMBEDDING) {
      indices.upload(rows, copies);
    }
    if (shape.lengths()) {
      lengths.upload(shape.positions().datapoints(), copies);
    }
    roots.upload(rows * shape.rank() * outputs(spec), copies);
  }

  private void accumulate(Shape shape) {
    int layer = shape.layer();
    LayerSpec spec = layers.get(layer);
    Positions p = shape.positions();
    p = shape.lengths() ? p.lengths(lengths.pointer()) : p;
    Matrix C = roots.matrix(p.rows() * shape.rank(), outputs(spec));
    switch (spec.kind()) {
      case DENSE ->
          statistics.accumulate(layer, activations.matrix(p.rows(), shape.width()), C, p, work);
      case EMBEDDING -> statistics.embedding(layer, indices.pointer(), C, p, work);
      case SHIFT -> statistics.shift(layer, C, p, work);
      default -> statistics.scale(layer, activations.matrix(p.rows(), spec.width()), C, p, work);
    }
  }

  /** After the streams' work. */
  void close() {
    for (Entry entry : entries) {
      entry.upload().close();
      entry.work().close();
    }
    for (HostPlace place : List.of(activations, roots, indices, lengths)) {
      place.close();
    }
    arrived.close();
    consumed.close();
  }
}
