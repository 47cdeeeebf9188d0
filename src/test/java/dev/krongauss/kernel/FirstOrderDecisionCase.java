package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.List;

/** ‖g‖², with dot's bits, and the decision: accepted, halved twice, then rejected. */
final class FirstOrderDecisionCase extends KernelCase {
  @Override
  public String name() {
    return "reduce/first-order";
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("rows") * size.get("columns");
    return new Work(6 * elements, 12 * elements); // three launches
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("rows", 1, "columns", 1),
        Size.of("rows", 9, "columns", 1025),
        Size.of("rows", 691, "columns", 101));
  }

  @Override
  public void run(Trial trial) {
    Host g = trial.random(trial.size("rows"), trial.size("columns"));
    Matrix gradient = trial.input(g);
    g.set(0, 0, Float.NaN);
    Matrix broken = trial.input(g);
    Matrix slope = trial.output(1, 1);
    long scratch = trial.ints(new int[Reduce.scratchFloats(List.of(gradient))]).pointer();
    int[] slots = new int[Control.SLOTS];
    slots[Control.LOSS] = Float.floatToRawIntBits(0.5f);
    slots[Control.STEP] = 7;
    Buffer good = trial.ints(slots);
    Buffer bad = trial.ints(slots);
    Reduce reduce = new Reduce(trial.device());
    trial.launch(
        s -> {
          reduce.firstOrder(s, List.of(gradient), scratch, good.pointer(), 0.5f, 3);
          reduce.firstOrder(s, List.of(broken), scratch, bad.pointer(), 0.5f, 0);
          reduce.dot(s, List.of(gradient), List.of(gradient), scratch, slope.pointer());
        });
    slots[Control.OBJECTIVE] = slots[Control.LOSS];
    int[] wanted = slots.clone();
    wanted[Control.SLOPE] = Float.floatToRawIntBits(trial.download(slope).get(0, 0));
    wanted[Control.LEARNING_RATE] = Float.floatToRawIntBits(0.125f);
    wanted[Control.ALPHA] = wanted[Control.LEARNING_RATE];
    wanted[Control.ACCEPTED] = 1;
    wanted[Control.APPLIED] = 1;
    trial.checkInts("the block", good, wanted);
    int[] rejected = bad.downloadInts(Control.SLOTS, trial.device().stream());
    slots[Control.SLOPE] = rejected[Control.SLOPE]; // some NaN
    slots[Control.LEARNING_RATE] = Float.floatToRawIntBits(0.5f);
    slots[Control.ALPHA] = slots[Control.LEARNING_RATE];
    slots[Control.REASON] = Control.REASON_GRADIENT;
    slots[Control.REJECTED] = 1;
    trial.checkInts("the block of a gradient that is not finite", bad, slots);
    Host product = trial.download(slope);
    trial.check("slope", product, (i, j) -> Wanted.exactly(product.at(0, 0)));
  }
}
