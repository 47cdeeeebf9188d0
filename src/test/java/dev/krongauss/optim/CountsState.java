package dev.krongauss.optim;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.model.State;

/** Leaves all as it is but the counts of updates. */
final class CountsState implements State {
  private final Device device;
  private final long updates;
  int rejected;

  CountsState(Device device, long updates) {
    this.device = device;
    this.updates = updates;
  }

  @Override
  public void matrix(String name, Matrix values) {}

  @Override
  public void buffer(String name, Buffer words) {
    if (name.equals("scalars")) {
      int[] slots = words.downloadInts(Control.SLOTS, device.stream());
      slots[Control.STEP] = (int) updates;
      slots[Control.STEP_HIGH] = (int) (updates >>> 32);
      slots[Control.APPLIED] = slots[Control.STEP];
      slots[Control.APPLIED_HIGH] = slots[Control.STEP_HIGH];
      slots[Control.REJECTED] = rejected;
      words.uploadInts(slots, device.stream());
    }
  }

  @Override
  public long number(String name, long value) {
    return value;
  }

  @Override
  public String text(String name, String value) {
    return value;
  }

  @Override
  public void same(String name, String value) {}

  @Override
  public boolean replaces() {
    return true;
  }

  @Override
  public State of(String part) {
    return this;
  }
}
