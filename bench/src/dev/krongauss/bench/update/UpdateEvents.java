package dev.krongauss.bench.update;

import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Phase;
import dev.krongauss.optim.PhaseListener;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an update of the paper's autoencoder costs the device, by events on its stream: each phase,
 * the update enqueued call by call, the update replayed from a graph; and by the clock, updates in
 * a row. Within an update nothing waits. Each timed one begins behind a fill of device memory that
 * lasts longer than the host needs to enqueue it, so that the events see the device and not Java.
 *
 * <p>{@link #kernels} times each kernel of an update enqueued call by call.
 *
 * <p>{@link UpdateMeter} measures the same with waits, and memory, launches and bytes besides.
 */
public final class UpdateEvents implements AutoCloseable {
  private static final int CYCLE = UpdateMeter.CYCLE;
  private static final int LEAST_CYCLES = 2;
  private static final int MOST_CYCLES = 50;

  /** Cycles in which the usual kinds of updates are enqueued once and captured once. */
  private static final int WARM_UP = 2;

  private static final long FILL_BYTES = 256L << 20;
  private static final int MOST_FILLS = 400;

  private final Device device;
  private final Batches batches;
  private final Network network;
  private final Optimizer optimizer;
  private final Arena arena;
  private final Buffer fill;
  private final List<Event> events = new ArrayList<>();
  private final List<Map<Phase, Double>> phases = new ArrayList<>();
  private final List<Double> watched = new ArrayList<>();
  private final List<Double> replayed = new ArrayList<>();
  private final List<Double> rows = new ArrayList<>();
  private final List<Integer> nodes = new ArrayList<>(); // of the replayed ones: their kinds
  private final KernelTimes kernels = new KernelTimes();
  private int fills = 1;
  private int late;

  /**
   * Builds the network and the optimiser, on CURVES.
   *
   * @param optimizer as after {@code --optimizers}
   * @param scale of the hidden widths, and of the images where it is less than 1
   */
  public UpdateEvents(Device device, String optimizer, double scale, int batch) {
    this.device = device;
    Dataset data = narrowed(Curves.generate(4 * batch, 1), Math.min(1, scale));
    NetworkShape shape = NetworkShape.autoencoder(data.inputWidth(), scale);
    batches = Batches.of(device, data, batch, 1);
    network = shape.build(device, 1);
    this.optimizer = Contender.parse(optimizer).build(network, Loss.bernoulli());
    arena = device.newArena("update events");
    fill = device.isSoftware() ? null : arena.floats(FILL_BYTES / Float.BYTES, "fill");
  }

  /** The middle of each row. */
  private static Dataset narrowed(Dataset whole, double share) {
    int from = whole.inputWidth();
    int width = Math.max(1, (int) (from * share));
    float[] values = new float[whole.size() * width];
    for (int row = 0; row < whole.size(); row++) {
      System.arraycopy(whole.inputs(), row * from + (from - width) / 2, values, row * width, width);
    }
    return width == from ? whole : Dataset.autoencoder(whole.name(), values, width);
  }

  /**
   * Measures for about so long, at least two cycles of ten updates of each sort.
   *
   * @return rows with {@code part}, {@code share} of updates that have it, {@code samples}, {@code
   *     medianMicroseconds}, {@code leastMicroseconds}, {@code ninetiethMicroseconds}
   */
  public List<Map<String, Object>> measure(double seconds) {
    for (int k = 0; k < WARM_UP * CYCLE; k++) {
      optimizer.step(batches.next());
    }
    if (fill != null) {
      for (int k = 0; k < CYCLE; k++) { // the first ones hold the device too briefly
        sample(k % 2 == 0);
      }
      forget();
    }
    long begin = System.nanoTime();
    int cycles = 0;
    while (cycles < LEAST_CYCLES
        || cycles < MOST_CYCLES && System.nanoTime() - begin < seconds * 1e9) {
      for (int k = 0; k < CYCLE; k++) {
        sample(true);
      }
      for (int k = 0; k < CYCLE; k++) {
        sample(false);
      }
      inARow();
      cycles++;
    }
    return rows();
  }

  /**
   * Measures every kernel for about so long, after {@link #measure}: from the event behind the
   * kernel before it to that behind itself, so that the gap, fills and copies between the two count
   * with it.
   *
   * @return rows as of {@link #measure}, in the order of the updates' kernels, with {@code phase},
   *     {@code kernel} and {@code occurrence}, the how-manieth it is of that name in the phase
   */
  public List<Map<String, Object>> kernels(double seconds) {
    long begin = System.nanoTime();
    for (int k = 0; k < 2 * CYCLE || System.nanoTime() - begin < seconds * 1e9; k++) {
      sampleKernels();
    }
    return kernels.rows();
  }

  private void sampleKernels() {
    List<String> names = new ArrayList<>();
    List<Phase> order = new ArrayList<>();
    hold();
    long begin = System.nanoTime();
    device.stream()
        .onLaunch(
            kernel -> {
              names.add(kernel);
              mark(1 + names.size());
            });
    try {
      optimizer.step(
          batches.next(),
          new Ahead(
              phase -> {
                while (order.size() < names.size()) {
                  order.add(phase);
                }
              }));
    } finally {
      device.stream().onLaunch(null);
    }
    double enqueued = (System.nanoTime() - begin) / 1e3;
    device.synchronize();
    if (fill != null) {
      hold(enqueued);
    }
    kernels.begin();
    for (int k = 0; k < order.size(); k++) {
      kernels.add(order.get(k), names.get(k), between(k + 1, k + 2));
    }
  }

  /** Events before and behind a fill that keeps the device busy. */
  private void hold() {
    mark(0);
    for (int k = 0; fill != null && k < fills; k++) {
      device.stream().clear(fill.pointer(), fill.bytes());
    }
    mark(1);
  }

  private void forget() {
    phases.clear();
    watched.clear();
    replayed.clear();
    nodes.clear();
    late = 0;
  }

  /** One update behind a fill; what its events say is kept. */
  private void sample(boolean listen) {
    List<Phase> order = new ArrayList<>();
    hold();
    long begin = System.nanoTime();
    if (listen) {
      optimizer.step(
          batches.next(),
          new Ahead(
              phase -> {
                order.add(phase);
                mark(1 + order.size());
              }));
    } else {
      optimizer.step(batches.next());
      mark(2);
    }
    double enqueued = (System.nanoTime() - begin) / 1e3;
    device.synchronize();
    if (fill != null) {
      hold(enqueued);
    }
    if (listen) {
      watched.add(between(1, 1 + order.size()));
      Map<Phase, Double> times = new EnumMap<>(Phase.class);
      for (int k = 0; k < order.size(); k++) {
        times.merge(order.get(k), between(k + 1, k + 2), Double::sum);
      }
      phases.add(times);
    } else {
      replayed.add(between(1, 2));
      nodes.add(optimizer.graphNodes());
    }
  }

  /** Fills that last twice as long as the host has taken; counts updates that it was late for. */
  private void hold(double enqueuedMicroseconds) {
    double held = between(0, 1);
    if (held < enqueuedMicroseconds) {
      late++;
    }
    double wanted = 2 * enqueuedMicroseconds / (held / fills);
    fills = (int) Math.max(fills, Math.min(MOST_FILLS, Math.ceil(wanted)));
  }

  /** Updates as training makes them: nothing waits, the host fetches batches meanwhile. */
  private void inARow() {
    long begin = System.nanoTime();
    for (int k = 0; k < CYCLE; k++) {
      optimizer.step(batches.next());
    }
    device.synchronize();
    rows.add((System.nanoTime() - begin) / 1e3 / CYCLE);
  }

  private void mark(int index) {
    while (events.size() <= index) {
      events.add(device.newEvent());
    }
    events.get(index).record(device.stream());
  }

  /** Microseconds. */
  private double between(int from, int to) {
    return 1e3 * events.get(to).millisecondsSince(events.get(from));
  }

  private List<Map<String, Object>> rows() {
    List<Map<String, Object>> result = new ArrayList<>();
    for (Phase phase : Phase.values()) {
      List<Double> times =
          phases.stream().filter(p -> p.containsKey(phase)).map(p -> p.get(phase)).toList();
      if (!times.isEmpty()) {
        result.add(Spread.of(times).row(phase.toString(), times.size() / (double) phases.size()));
      }
    }
    List<Set<Phase>> kinds = phases.stream().map(Map::keySet).toList();
    result.add(Spread.ofKinds(watched, kinds).row("update, call by call", 1));
    result.add(Spread.ofKinds(replayed, nodes).row("update, replayed", 1));
    Map<String, Object> row = Spread.of(rows).row("update, in a row, by the clock", 1);
    row.put("graphNodes", new TreeSet<>(nodes));
    row.put("late", late);
    row.put("fills", fill == null ? 0 : fills);
    result.add(row);
    return result;
  }

  @Override
  public void close() {
    optimizer.close();
    network.close();
    batches.close();
    events.forEach(Event::close);
    arena.close();
  }

  /** Does not let the device be waited for. */
  private record Ahead(PhaseListener told) implements PhaseListener {
    @Override
    public void finished(Phase phase) {
      told.finished(phase);
    }

    @Override
    public boolean waits() {
      return false;
    }
  }
}
