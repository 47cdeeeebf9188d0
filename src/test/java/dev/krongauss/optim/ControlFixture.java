package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** The scalar block of {@code kernels/control.cu}, to be set and read slot by slot. */
abstract class ControlFixture {
  static final float OMEGA = 0.5f;
  static final int RUNGS = 3;

  final Device device = TestDevice.get();
  final Stream s = device.stream();
  final Control control = new Control(device);
  final Arena arena = device.newArena("control test");
  final Buffer block = arena.floats(Control.SLOTS, "scalars");
  final Buffer infos = arena.ints(RUNGS * 2, "infos");
  final Buffer gammas = arena.floats(RUNGS, "gammas");
  final Buffer triedInfos = arena.ints(Control.CANDIDATES * 2, "candidates' infos");
  final Buffer triedGammas = arena.floats(Control.CANDIDATES, "candidates' gammas");
  final Buffer tried = arena.floats(Control.CANDIDATES * Control.MEASURES, "candidates' measures");
  private final Map<Integer, Float> floats = new HashMap<>();
  private final Map<Integer, Integer> ints = new HashMap<>();

  @AfterEach
  void close() {
    arena.close();
  }

  void usual() {
    floats.clear();
    ints.clear();
    set(Control.LOSS, 1f).set(Control.SLOPE, -1f).set(Control.DIRECTION2, 1f);
    set(Control.CURVATURE, 1f).set(Control.LAMBDA, 1f);
  }

  /** λ doubles where the update is rejected. */
  void rescale(float eta, boolean rescaling) {
    rescale(eta, rescaling, false);
  }

  void rescale(float eta, boolean rescaling, boolean gammaAdapts) {
    rescale(new Control.Rules(eta, 2, 1e3f, rescaling, false, true, gammaAdapts));
  }

  void rescale(Control.Rules rules) {
    control.rescale(s, block.pointer(), ladder(), rules);
  }

  Control.Dampings ladder() {
    return new Control.Dampings(infos.pointer(), gammas.pointer(), RUNGS, 2);
  }

  Control.Dampings candidates() {
    return new Control.Dampings(triedInfos.pointer(), triedGammas.pointer(), Control.CANDIDATES, 2);
  }

  static int[] ints(String values) {
    return Arrays.stream(values.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  static float[] floats(String values) {
    String[] parts = values.split(" ");
    float[] floats = new float[parts.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.parseFloat(parts[i]);
    }
    return floats;
  }

  ControlFixture set(int slot, float value) {
    floats.put(slot, value);
    return this;
  }

  ControlFixture set(int slot, int value) {
    ints.put(slot, value);
    return this;
  }

  void upload() {
    int[] bits = new int[Control.SLOTS];
    floats.forEach((slot, value) -> bits[slot] = Float.floatToRawIntBits(value));
    ints.forEach((slot, value) -> bits[slot] = value);
    block.uploadInts(bits, s);
  }

  float real(int slot) {
    return block.downloadFloats(Control.SLOTS, s)[slot];
  }

  int integer(int slot) {
    return block.downloadInts(Control.SLOTS, s)[slot];
  }
}
