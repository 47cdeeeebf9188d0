package dev.krongauss.bench.update;

import dev.krongauss.device.Device;
import dev.krongauss.device.Usage;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.Phase;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Measures the {@link UpdateCost} of optimisers: cycles of updates as in training and cycles of
 * updates phase by phase, of all optimisers in turns, so that what else the machine does meets them
 * alike. Owns their networks and them.
 */
public final class UpdateMeter implements AutoCloseable {
  /**
   * Updates of a cycle. One has a reduction ratio; one or two refresh factors, every 5 to 10
   * updates, so that which of them do so changes from cycle to cycle.
   */
  public static final int CYCLE = 10;

  /** Cycles in which the usual kinds of updates are enqueued once and captured once. */
  private static final int WARM_UP = 2;

  /** Nanoseconds in which ticks are of no account. */
  private static final long LONG_ENOUGH = 200_000_000;

  private static final com.sun.management.OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
  private static final com.sun.management.ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);

  private final Device device;
  private final Supplier<Batch> batches;
  private final List<Subject> subjects = new ArrayList<>();

  /**
   * Of a device that the caller closes later.
   *
   * @param batches the next batch a call, all of one size, of this device
   */
  public UpdateMeter(Device device, Supplier<Batch> batches) {
    this.device = device;
    this.batches = batches;
  }

  /**
   * Builds a network and an optimiser to be measured, and makes two cycles of updates.
   *
   * @param label its name in the results
   * @throws dev.krongauss.device.DeviceException if the device has no memory for them
   */
  public void add(String label, Supplier<Network> network, Function<Network, Optimizer> optimizer) {
    Usage before = device.usage();
    device.resetPeak();
    Network built = network.get();
    Subject subject = new Subject(label, built, optimizer.apply(built), before);
    subjects.add(subject);
    for (int k = 0; k < WARM_UP * CYCLE; k++) {
      subject.optimizer.step(batches.get());
      subject.captured(subject.optimizer.graphNodes());
    }
    device.synchronize();
    subject.after = device.usage();
  }

  /**
   * Measures what was added, in that order.
   *
   * @param cycles of ten updates, replayed and apart, at least 1
   */
  public List<UpdateCost> measure(int cycles) {
    for (int cycle = 0; cycle < cycles; cycle++) {
      for (Subject subject : subjects) {
        for (int k = 0; k < CYCLE; ) {
          Sample sample = sample(subject.optimizer, true);
          if (!subject.captured(sample.launches())) {
            subject.replayed.add(sample);
            k++;
          }
        }
        for (int k = 0; k < CYCLE; k++) {
          subject.apart.add(sample(subject.optimizer, false));
        }
      }
    }
    int size = batches.get().size();
    return subjects.stream().map(subject -> subject.cost(size)).toList();
  }

  /** Closes the optimisers and networks. */
  @Override
  public void close() {
    for (Subject subject : subjects) {
      subject.optimizer.close();
      subject.network.close();
    }
  }

  /** An optimiser and what was measured of it. */
  private static final class Subject {
    private final String label;
    private final Network network;
    private final Optimizer optimizer;
    private final Usage before;
    private final List<Sample> replayed = new ArrayList<>();
    private final List<Sample> apart = new ArrayList<>();
    private final Set<Integer> graphs = new HashSet<>();
    private Usage after;

    Subject(String label, Network network, Optimizer optimizer, Usage before) {
      this.label = label;
      this.network = network;
      this.optimizer = optimizer;
      this.before = before;
    }

    /** Whether an update of so many nodes has just been captured, which costs once and no more. */
    boolean captured(int nodes) {
      return nodes > 0 && graphs.add(nodes);
    }

    UpdateCost cost(int batch) {
      return new UpdateCost(
          label,
          batch,
          replayed.size(),
          wholeUpdate(replayed),
          Lap.busyCores(replayed.stream().map(Sample::whole).toList()),
          phases(apart),
          mean(replayed, Sample::launches),
          mean(replayed, Sample::uploaded),
          mean(replayed, Sample::downloaded),
          mean(replayed, Sample::heap),
          after.deviceBytes() - before.deviceBytes(),
          after.peakDeviceBytes() - before.deviceBytes(),
          after.pinnedBytes() - before.pinnedBytes());
    }
  }

  /** Nanoseconds, and processor time of the whole process. */
  private record Lap(long nanoseconds, long cpu) {
    Lap plus(Lap other) {
      return new Lap(nanoseconds + other.nanoseconds, cpu + other.cpu);
    }

    static Lap now() {
      return new Lap(System.nanoTime(), PROCESS.getProcessCpuTime());
    }

    static Lap since(Lap start) {
      Lap now = now();
      return new Lap(now.nanoseconds - start.nanoseconds, now.cpu - start.cpu);
    }

    static double milliseconds(Lap lap) {
      return lap.nanoseconds / 1e6;
    }

    /** NaN where the laps are too short together: Linux counts processor time in ticks of 10 ms. */
    static double busyCores(List<Lap> laps) {
      Lap sum = laps.stream().reduce(new Lap(0, 0), Lap::plus);
      return sum.nanoseconds < LONG_ENOUGH ? Double.NaN : sum.cpu / (double) sum.nanoseconds;
    }
  }

  /** One update. */
  private record Sample(
      Lap whole, Map<Phase, Lap> phases, int launches, long uploaded, long downloaded, long heap) {}

  private Sample sample(Optimizer optimizer, boolean whole) {
    Map<Phase, Lap> phases = new EnumMap<>(Phase.class);
    Usage before = device.usage();
    long heap = THREADS.getCurrentThreadAllocatedBytes();
    Lap start = Lap.now();
    if (whole) {
      optimizer.step(batches.get());
    } else {
      Lap[] last = {start};
      optimizer.step(
          batches.get(),
          phase -> {
            phases.merge(phase, Lap.since(last[0]), Lap::plus);
            last[0] = Lap.now();
          });
    }
    device.synchronize();
    Lap lap = Lap.since(start);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - heap;
    Usage after = device.usage();
    return new Sample(
        lap,
        phases,
        optimizer.graphNodes(),
        after.uploadedBytes() - before.uploadedBytes(),
        after.downloadedBytes() - before.downloadedBytes(),
        allocated);
  }

  /** Kinds of updates are told by the nodes of their graphs. */
  private static double wholeUpdate(List<Sample> replayed) {
    return Spread.ofKinds(
            replayed.stream().map(Sample::whole).map(Lap::milliseconds).toList(),
            replayed.stream().map(Sample::launches).toList())
        .median();
  }

  private static Map<Phase, UpdateCost.PhaseCost> phases(List<Sample> apart) {
    Map<Phase, List<Lap>> laps = new TreeMap<>();
    for (Sample sample : apart) {
      sample
          .phases()
          .forEach((phase, lap) -> laps.computeIfAbsent(phase, p -> new ArrayList<>()).add(lap));
    }
    Map<Phase, UpdateCost.PhaseCost> costs = new TreeMap<>();
    laps.forEach(
        (phase, of) ->
            costs.put(
                phase,
                new UpdateCost.PhaseCost(
                    of.size() / (double) apart.size(), median(of), Lap.busyCores(of))));
    return costs;
  }

  /** Milliseconds. */
  private static double median(List<Lap> laps) {
    double[] sorted = laps.stream().mapToDouble(Lap::milliseconds).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static double mean(List<Sample> samples, ToDoubleFunction<Sample> value) {
    return samples.stream().mapToDouble(value).average().orElseThrow();
  }
}
