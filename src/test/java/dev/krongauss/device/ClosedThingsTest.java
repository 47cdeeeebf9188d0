package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.precondition.LayerSteps;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;

/** What is closed is given back: objects of the driver to the last, and memory. */
final class ClosedThingsTest {
  private static final String[] KINDS = {
    "context", "stream", "event", "module", "function", "graph", "executable graph"
  };
  private static final int ROUNDS = 3000;

  /** Of resident memory over 1,000 rounds; a leak of 6 KB a round is more. */
  private static final long SLACK_KILOBYTES = 6_000;

  /** Units of which two layers have a terabyte of weights. */
  private static final int MANY = 500_000;

  private final Device device = TestDevice.get();

  @Test
  void lossesOfASearchLeaveNothing() {
    String ptx = Gaussian.text("gaussian.ptx");
    rounds(200, i -> on(ptx + "\n// delta = " + i + "\n").close());
  }

  @Test
  void lossesOfTheSameTextShareAModuleUntilTheLastIsClosed() {
    String ptx = Gaussian.text("gaussian.ptx") + "\n// shared\n";
    long modules = DriverCalls.objects("module");
    LossFunction.OnDevice first = on(ptx);
    LossFunction.OnDevice second = on(ptx);
    assertThat(DriverCalls.objects("module") - modules).isEqualTo(1);
    first.close();
    first.close();
    assertThat(DriverCalls.objects("module") - modules).isEqualTo(1);
    try (Arena arena = device.newArena("loss")) {
      Matrix h = arena.matrix(3, 2, "h");
      Matrix t = arena.matrix(3, 1, "t");
      Buffer values = arena.floats(3, "values");
      second.evaluate(h, t, null, values.pointer(), device.stream());
      // -log N(0; 0, 1)
      assertThat(values.downloadFloats(3, device.stream())[2]).isBetween(-1e6f, 1e6f);
    }
    second.close();
    assertThat(DriverCalls.objects("module")).isEqualTo(modules);
  }

  @Test
  void streamsEventsGraphsStagingAndArenasLeaveNothing() {
    rounds(200, i -> everything(device));
  }

  private static void everything(Device device) {
    try (Stream s = device.newStream();
        Event event = device.newEvent();
        Staging staging = device.staging(4096);
        Arena arena = device.newArena("round")) {
      Matrix W = arena.matrix(4, 4, "W");
      try (Graph graph = s.capture(() -> s.clear(W.pointer(), 64))) {
        graph.launch(s);
      }
      staging.copyTo(W, s);
      event.record(s);
      event.synchronize();
    }
  }

  @Test
  void optimisersAndPreconditionersLeaveNothing() {
    rounds(
        40,
        i -> {
          DeviceFixture.train(device, 3, GaussNewton.kfra()::build);
          Preconditioner.on(device).layer(4, 3).layer(4, 2).build().close();
          LayerSteps.on(device).layer(4, 3).averageOfWeights(0.5).build().close();
        });
  }

  @Test
  void devicesLeaveNothing() {
    rounds(
        30,
        i -> {
          Device own = Device.open();
          own.newStream();
          own.newEvent();
          own.newArena("left open").floats(10, "of it");
          own.ptx("left open", Gaussian.text("gaussian.ptx")).function("loss_evaluate");
          own.userFunction("as well", Gaussian.text("gaussian.ptx"), "loss_evaluate");
          own.close();
        });
  }

  @Test
  void aRefusedTextLeavesNothing() {
    rounds(
        200,
        i ->
            assertThatThrownBy(() -> device.ptx("rubbish", "no PTX " + i))
                .isInstanceOf(DeviceException.class));
  }

  @Test
  void whatCouldNotBeBuiltLeavesNothing() {
    Network.Builder tooLarge =
        Network.input(3)
            .dense(4, Activation.TANH)
            .dense(MANY, Activation.TANH)
            .dense(MANY, Activation.TANH)
            .dense(1, Activation.IDENTITY);
    Preconditioner.Builder larger = Preconditioner.on(device).layer(4, 3).layer(4 * MANY, 3);
    Network network = DeviceFixture.network(device);
    String text = Gaussian.text("gaussian.ptx");
    Adam.Builder negative = Adam.builder().learningRate(-1);
    rounds(
        3,
        i -> {
          refused(() -> tooLarge.build(device, 1), DeviceException.class);
          refused(larger::build, DeviceException.class);
          LossFunction loss = Gaussian.settings().ptx(text + "\n// refused " + i + "\n");
          refused(() -> negative.build(network, loss), IllegalArgumentException.class);
          refused(
              () -> GaussNewton.kfra().scalarStep().momentum(true).build(network, onlyOnce(loss)),
              UnsupportedOperationException.class);
        });
    network.close();
  }

  @Test
  void partsOfWhatCouldNotBeBuiltAreClosedAndOthersAreNot() {
    Arena before = device.newArena("before");
    List<Arena> parts = new ArrayList<>();
    refused(
        () ->
            device.allOrNothing(
                () -> {
                  parts.add(device.allOrNothing(() -> device.newArena("whole by itself")));
                  parts.add(DeviceFixture.onThread(() -> device.newArena("of another thread")));
                  throw new UnsupportedOperationException("the next part");
                }),
        UnsupportedOperationException.class);
    Arena after = device.allOrNothing(() -> device.newArena("after"));
    assertThatThrownBy(() -> parts.get(0).floats(1, "x")).hasMessageContaining("is closed");
    for (Arena open : List.of(before, parts.get(1), after)) {
      assertThat(open.floats(1, "x").bytes()).isEqualTo(4);
      open.close();
    }
  }

  private static void refused(
      ThrowableAssert.ThrowingCallable build, Class<? extends Throwable> reason) {
    assertThatThrownBy(build).isInstanceOf(reason);
  }

  /** The loss, which fails where its operations are asked for once more. */
  private static LossFunction onlyOnce(LossFunction loss) {
    AtomicBoolean asked = new AtomicBoolean();
    return (LossFunction)
        Proxy.newProxyInstance(
            LossFunction.class.getClassLoader(),
            new Class<?>[] {LossFunction.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("on") && asked.getAndSet(true)) {
                throw new UnsupportedOperationException("once more");
              }
              return method.invoke(loss, arguments);
            });
  }

  @Test
  void aKernelThatIsMissingLeavesNothing() {
    String ptx = Gaussian.text("gaussian.ptx");
    rounds(
        200,
        i ->
            assertThatThrownBy(() -> device.userFunction("gaussian", ptx + "// " + i, "none"))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("none"));
  }

  private LossFunction.OnDevice on(String ptx) {
    return Gaussian.settings().ptx(ptx).on(device);
  }

  private void rounds(int count, IntConsumer round) {
    assumeTrue(DriverCalls.counted(device), "only SoftCUDA counts");
    round.accept(-1);
    Map<String, Long> before = objects();
    for (int i = 0; i < count; i++) {
      round.accept(i);
    }
    assertThat(objects()).isEqualTo(before);
  }

  private Map<String, Long> objects() {
    Map<String, Long> objects = new LinkedHashMap<>();
    for (String kind : KINDS) {
      objects.put(kind, DriverCalls.objects(kind));
    }
    objects.put("bytes", device.allocatedBytes());
    objects.put("pinned bytes", device.usage().pinnedBytes());
    return objects;
  }

  /**
   * In a JVM whose heap is resident from the start and whose optimising compiler, which takes some
   * 20 MB whenever it comes to it, is off, so that the rest is what grows.
   */
  @Test
  void residentMemoryIsLevelOverThousands() throws IOException {
    assumeTrue(DriverCalls.counted(device), "a real driver's memory is its own");
    ChildJvm.Result result =
        new ChildJvm()
            .option("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1")
            .property("krongauss.device", "software")
            .property("krongauss.softcuda.check", "all")
            .run(Search.class);
    assertThat(result.status()).as(result.output()).isZero();
    String last = result.output().strip().lines().reduce((a, b) -> b).orElseThrow();
    assertThat(Long.parseLong(last)).as("growth in kilobytes").isLessThan(SLACK_KILOBYTES);
  }

  /**
   * Prints by how many kilobytes resident memory has grown from the second third of the rounds to
   * the last: the least of each, since the compiler and the collector take memory for a while.
   */
  static final class Search {
    private Search() {}

    public static void main(String[] arguments) {
      String ptx = Gaussian.text("gaussian.ptx");
      long[] least = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
      try (Device device = Device.open()) {
        for (int i = 0; i < ROUNDS; i++) {
          Gaussian.settings().ptx(ptx + "\n// delta = " + i + "\n").on(device).close();
          everything(device);
          if (i % 100 == 99) {
            least[3 * i / ROUNDS] = Math.min(least[3 * i / ROUNDS], resident());
          }
        }
      }
      System.out.println(least[2] - least[1]);
    }
  }

  private static long resident() {
    System.gc();
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
