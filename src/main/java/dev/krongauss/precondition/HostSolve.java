package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Repeated;
import dev.krongauss.device.Stream;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradients of the host's there and directions back. A layer is copied to the device while the next
 * one goes to pinned memory, and back the same way; the solve between is one graph for all layers.
 */
final class HostSolve {
  /** The pieces of a layer; the bias' is null where it is not apart. */
  private record Pieces(HostPlace weights, int rows, int columns, HostPlace bias, int length) {
    void fill(HostWeights gradient) {
      weights.fill(gradient.weights());
      if (bias != null) {
        bias.fill(gradient.bias());
      }
    }

    void empty(HostWeights direction) {
      weights.empty(direction.weights());
      if (bias != null) {
        bias.empty(direction.bias());
      }
    }

    void upload(Stream s) {
      weights.upload(rows * columns, s);
      if (bias != null) {
        bias.upload(length, s);
      }
    }

    void download(Stream s) {
      weights.download(rows * columns, s);
      if (bias != null) {
        bias.download(length, s);
      }
    }

    LayerWeights onDevice() {
      return new LayerWeights(
          weights.matrix(rows, columns), bias == null ? null : bias.matrix(1, length));
    }

    void check(int layer, HostWeights w, String what) {
      boolean fits =
          w != null
              && w.weights().rows() == rows
              && w.weights().columns() == columns
              && (w.bias() == null) == (bias == null)
              && (bias == null || w.bias().rows() == 1 && w.bias().columns() == length);
      if (!fits) { // no text is made for what fits
        Check.that(
            false,
            "%s of layer %d is %s; it must be [%d][%d]%s",
            what,
            layer,
            w == null ? "missing" : w.weights() + (w.bias() == null ? "" : " with " + w.bias()),
            rows,
            columns,
            bias == null ? " without a piece for the bias" : " and [1][" + length + "]");
      }
    }
  }

  private final Stream copies;
  private final Stream work;
  private final WeightSolve solve;
  private final List<Pieces> layers = new ArrayList<>();
  private final List<Graph> graphs = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<Repeated> uploads = new ArrayList<>();
  private final List<Repeated> downloads = new ArrayList<>();
  private final List<Repeated> marks = new ArrayList<>();
  private final List<Repeated> waits = new ArrayList<>();
  private final List<Repeated> between = new ArrayList<>();

  HostSolve(
      Device device,
      Arena arena,
      WeightSolve solve,
      List<LayerSpec> specs,
      Stream copies,
      Stream work) {
    this.copies = copies;
    this.work = work;
    this.solve = solve;
    for (int l = 0; l < specs.size(); l++) {
      layers.add(pieces(device, arena, specs.get(l), l + 1));
      Event back = event(device);
      marks.add(back.recording(copies));
      waits.add(back.waiting());
    }
    for (Pieces layer : layers) {
      uploads.add(captured(copies, () -> layer.upload(copies)));
      downloads.add(captured(copies, () -> layer.download(copies)));
    }
  }

  private static Pieces pieces(Device device, Arena arena, LayerSpec spec, int number) {
    boolean apart = spec.bias() == Bias.SEPARATE;
    boolean elementwise = spec.kind().elementwise();
    int in = elementwise ? spec.width() : apart ? spec.inputs() : spec.activations();
    int out = elementwise ? 1 : spec.units();
    boolean turned = spec.layout() == WeightLayout.IN_OUT;
    int length = elementwise ? spec.width() : spec.units();
    String name = "gradient " + number + " of the host";
    HostPlace weights = new HostPlace(device, arena, (long) in * out, name);
    HostPlace bias = apart ? new HostPlace(device, arena, length, name + ", bias") : null;
    return new Pieces(weights, turned ? in : out, turned ? out : in, bias, length);
  }

  private Event event(Device device) {
    Event event = device.newEvent();
    events.add(event);
    return event;
  }

  private Repeated captured(Stream s, Runnable steps) {
    Graph graph = s.capture(steps);
    graphs.add(graph);
    return graph.launching(s);
  }

  /** All layers; waits for the directions. */
  void run(Device device, List<HostWeights> gradients, List<HostWeights> directions) {
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).check(l, gradients.get(l), "gradient");
      layers.get(l).check(l, directions.get(l), "direction");
      HostChecks.writable(l, directions.get(l));
    }
    if (between.isEmpty()) {
      solving(device);
    }
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).fill(gradients.get(l));
      uploads.get(l).run();
    }
    for (int k = 0; k < between.size(); k++) {
      between.get(k).run();
    }
    for (int l = 0; l < layers.size(); l++) {
      downloads.get(l).run();
      marks.get(l).run();
    }
    for (int l = 0; l < layers.size(); l++) {
      waits.get(l).run();
      layers.get(l).empty(directions.get(l));
    }
  }

  /** The solve, after the copies there and before those back, once there was a refresh. */
  private void solving(Device device) {
    List<LayerWeights> places = layers.stream().map(Pieces::onDevice).toList();
    Repeated solving = captured(work, () -> solve.apply(places, places, work));
    Event there = event(device);
    Event solved = event(device);
    between.add(there.recording(copies));
    between.add(work.awaiting(there));
    between.add(solving);
    between.add(solved.recording(work));
    between.add(copies.awaiting(solved));
  }

  /** After the streams' work. */
  void close() {
    graphs.forEach(Graph::close);
    events.forEach(Event::close);
    for (Pieces layer : layers) {
      layer.weights().close();
      if (layer.bias() != null) {
        layer.bias().close();
      }
    }
  }
}
