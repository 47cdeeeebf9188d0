package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.optim.GaussNewton;
import dev.krongauss.testing.Gaussian;
import java.util.LinkedHashMap;
import java.util.Map;

/** The calls of a device and of what is made from it. */
final class EntryPoints {
  private EntryPoints() {}

  /** By name, in an order in which each finds what it needs. */
  static Map<String, Runnable> inOrder() {
    Map<String, Runnable> steps = new LinkedHashMap<>();
    Device[] device = new Device[1];
    steps.put("Device.open", () -> device[0] = Device.open());
    Arena[] arena = new Arena[1];
    Matrix[] W = new Matrix[2];
    steps.put("newArena", () -> arena[0] = device[0].newArena("context"));
    steps.put("matrix", () -> W[0] = arena[0].matrix(4, 4, "W"));
    steps.put("another", () -> W[1] = arena[0].matrix(4, 4, "V"));
    Stream[] stream = new Stream[1];
    steps.put("newStream", () -> stream[0] = device[0].newStream());
    steps.put("upload", () -> W[0].upload(new float[16], stream[0]));
    steps.put("copy", () -> stream[0].copy(W[0], W[1]));
    steps.put("clear", () -> stream[0].clear(W[1].pointer(), 64));
    steps.put("download", () -> W[1].download(stream[0]));
    Event[] events = new Event[2];
    steps.put("newEvent", () -> events[0] = device[0].newEvent());
    steps.put("another event", () -> events[1] = device[0].newEvent());
    steps.put("record", () -> events[0].record(stream[0]));
    steps.put("record again", () -> events[1].record(stream[0]));
    steps.put("await", () -> device[0].stream().await(events[0]));
    steps.put("done", () -> events[0].done());
    steps.put("Event.synchronize", () -> events[1].synchronize());
    steps.put("millisecondsSince", () -> events[1].millisecondsSince(events[0]));
    Staging[] staging = new Staging[1];
    steps.put("staging", () -> staging[0] = device[0].staging(4096));
    steps.put("copyTo", () -> staging[0].copyTo(W[0], stream[0]));
    steps.put("copyFrom", () -> staging[0].copyFrom(W[0].pointer(), 0, 64, stream[0]));
    Graph[] graph = new Graph[1];
    steps.put(
        "capture", () -> graph[0] = stream[0].capture(() -> stream[0].clear(W[1].pointer(), 64)));
    steps.put("Graph.launch", () -> graph[0].launch(stream[0]));
    steps.put(
        "failing capture",
        () ->
            assertThatThrownBy(() -> stream[0].capture(stream[0]::synchronize))
                .isInstanceOf(DeviceException.class));
    steps.put(
        "out of memory",
        () ->
            assertThatThrownBy(() -> arena[0].floats(1L << 46, "all"))
                .isInstanceOf(DeviceException.class));
    steps.put("train", () -> DeviceFixture.train(device[0], 12, GaussNewton.kfra()::build));
    steps.put("own loss", () -> Gaussian.fromPtx().on(device[0]).close());
    steps.put("libraries", () -> libraries(device[0], arena[0], stream[0]));
    steps.put(
        "occupancy", () -> device[0].function("adam", "adam_f32").blocksPerMultiprocessor(128, 0));
    steps.put("allowShared", () -> device[0].function("adam", "adam_f32").allowShared(64 * 1024));
    steps.put("Device.synchronize", () -> device[0].synchronize());
    steps.put("Graph.close", () -> graph[0].close());
    steps.put("Staging.close", () -> staging[0].close());
    steps.put("Event.close", () -> events[0].close());
    steps.put("Stream.close", () -> stream[0].close());
    steps.put("Arena.close", () -> arena[0].close());
    steps.put("Device.close", () -> device[0].close());
    return steps;
  }

  private static void libraries(Device device, Arena arena, Stream s) {
    Matrix A = arena.matrix(4, 4, "A");
    Matrix B = arena.matrix(4, 4, "B");
    A.upload(new float[] {4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4}, s);
    device.blas().ifPresent(blas -> blas.gemm(s, false, A, false, A, 1, 0, B));
    device
        .solver()
        .ifPresent(
            solver -> {
              Buffer workspace = arena.floats(solver.workspaceFloats(A), "workspace");
              Buffer info = arena.ints(1, "info");
              solver.factorise(s, A, workspace, info.pointer());
              solver.invert(s, A, workspace, info.pointer());
            });
    s.synchronize();
  }
}
