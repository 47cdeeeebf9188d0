package dev.krongauss.bench.kit;

import dev.krongauss.bench.kernels.KernelBench;
import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.kernel.KernelTest;
import dev.krongauss.kernel.Size;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The single things that a worker does, in an order that is the same in every process. */
final class Items {
  private static final int SMALL_SIZES = 2;
  private static final int TEXT = 4000;
  private static final int GPU_LAUNCHES = 100;
  private static final int SOFTWARE_LAUNCHES = 3;
  private static final double BENCH_SECONDS = 0.5;
  private static final double SESSION_SECONDS = 0.1;

  private static KernelBench bench;

  private Items() {}

  /** What a worker is asked for. */
  enum Mode {
    /** Kernel cases at all test sizes, then the Java tests that make sense on a GPU. */
    TESTS,
    /** Kernel cases at their two smallest sizes. */
    SANITIZE,
    /** Kernel cases, timed. */
    BENCH,
    /** A session's: one launch. */
    SMOKE,
    /** A session's: kernel cases that matter most, breadth first. */
    CHECKS,
    /** A session's: the same, timed. */
    TIMINGS,
    /** A session's: updates by phases. */
    PHASES,
    /** A session's: four cases, for a sanitizer. */
    SAMPLE
  }

  /**
   * One of them.
   *
   * @param group what its results are counted under
   */
  record Item(String group, String name, Body body) {}

  /** Does it; an assertion that fails is a result, anything else that is thrown ends the worker. */
  @FunctionalInterface
  interface Body {
    List<Map<String, Object>> run() throws IOException;
  }

  /**
   * @param prefixes beginnings of the names of cases or test classes; all if empty
   * @param tiny small sizes, for SoftCUDA
   */
  static List<Item> of(Mode mode, List<String> prefixes, boolean tiny) throws IOException {
    return switch (mode) {
      case TESTS -> tests(prefixes);
      case SANITIZE -> cases(prefixes, true);
      case BENCH -> bench(prefixes, tiny);
      case SMOKE -> Selection.smoke();
      case CHECKS -> Selection.checks(prefixes, tiny);
      case TIMINGS -> Selection.timings(prefixes, tiny);
      case PHASES -> Selection.phases(tiny);
      case SAMPLE -> Selection.sample(prefixes);
    };
  }

  private static List<Item> tests(List<String> prefixes) throws IOException {
    List<Item> items = cases(prefixes, false);
    for (String name : TestClasses.onDevice()) {
      if (chosen(name, prefixes)) {
        items.add(test(name));
      }
    }
    return items;
  }

  private static List<Item> cases(List<String> prefixes, boolean small) {
    List<Item> items = new ArrayList<>();
    for (KernelCase c : KernelCases.all()) {
      if (!chosen(c.name(), prefixes)) {
        continue;
      }
      List<Size> sizes =
          c.sizes().stream()
              .sorted(Comparator.comparingDouble(s -> c.work(s).flops() + c.work(s).bytes()))
              .limit(small ? SMALL_SIZES : Long.MAX_VALUE)
              .toList();
      for (Size size : sizes) {
        for (KernelCase.Variant variant : c.variants()) {
          if (!small || variant != KernelCase.Variant.POSITIVE) {
            items.add(check(new KernelTest.Run(c, size, variant)));
          }
        }
      }
    }
    return items;
  }

  private static List<Item> bench(List<String> prefixes, boolean tiny) {
    List<Item> items = new ArrayList<>();
    for (KernelBench.Item item : KernelBench.items(prefixes, tiny)) {
      String group = item.kernel() == null ? "libraries" : item.kernel().name();
      items.add(new Item(group, item.toString(), () -> timer(BENCH_SECONDS).measure(item)));
    }
    return items;
  }

  /** A test class. */
  static Item test(String name) {
    return new Item(name, name, () -> junit(name));
  }

  /** A kernel case against its reference. */
  static Item check(KernelTest.Run run) {
    return new Item(run.kernel().name(), run.toString(), () -> kernel(run));
  }

  /** A kernel case timed, briefly. */
  static Item timing(KernelBench.Item item) {
    return new Item(
        item.kernel().name(), item.toString(), () -> timer(SESSION_SECONDS).measure(item));
  }

  /** All factors of the autoencoder in one launch, beside cuSOLVER's calls. */
  static Item factors(boolean tiny) {
    return new Item("cholesky", "all factors", () -> timer(SESSION_SECONDS).factors(tiny));
  }

  static boolean chosen(String name, List<String> prefixes) {
    return prefixes.isEmpty() || prefixes.stream().anyMatch(name::startsWith);
  }

  private static List<Map<String, Object>> kernel(KernelTest.Run run) {
    KernelTest.execute(run, TestDevice.get());
    return List.of(Map.of("tests", 1, "failed", 0, "skipped", 0));
  }

  private static List<Map<String, Object>> junit(String className) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(className))
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("tests", summary.getTestsFoundCount());
    result.put("failed", summary.getTotalFailureCount());
    result.put("skipped", summary.getTestsSkippedCount() + summary.getTestsAbortedCount());
    result.put(
        "failures",
        summary.getFailures().stream()
            .map(f -> f.getTestIdentifier().getDisplayName() + ": " + text(f.getException()))
            .toList());
    return List.of(result);
  }

  /** Message and cause, cut to what a result can carry. */
  static String text(Throwable e) {
    String text = e.toString();
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      text += "\ncaused by " + cause;
    }
    return text.length() > TEXT ? text.substring(0, TEXT) + " ..." : text;
  }

  /**
   * The benchmark of this worker, with its events and its cache filler, which stays open for its
   * life.
   *
   * @param seconds for each measurement, about; those of the first call count
   */
  private static KernelBench timer(double seconds) {
    if (bench == null) {
      boolean software = TestDevice.get().isSoftware();
      bench =
          new KernelBench(TestDevice.get(), software ? SOFTWARE_LAUNCHES : GPU_LAUNCHES, seconds);
    }
    return bench;
  }
}
