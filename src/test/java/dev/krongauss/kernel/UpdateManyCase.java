package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;

/** W += alpha D for many layers of different shapes: within one launch and across its limit. */
final class UpdateManyCase extends KernelCase {
  @Override
  public String name() {
    return "update/many";
  }

  @Override
  public List<Size> sizes() {
    return LayerShapes.counts();
  }

  @Override
  public Work work(Size size) {
    double elements = LayerShapes.elements(size.get("layers"));
    return new Work(2 * elements, 12 * elements);
  }

  @Override
  public void run(Trial trial) {
    List<Host> w = new ArrayList<>();
    List<Host> d = new ArrayList<>();
    List<Matrix> W = new ArrayList<>();
    List<Matrix> D = new ArrayList<>();
    for (int l = 0; l < trial.size("layers"); l++) {
      w.add(trial.random(LayerShapes.rows(l), LayerShapes.columns(l)));
      d.add(trial.random(LayerShapes.rows(l), LayerShapes.columns(l)));
      W.add(trial.inOut(w.get(l)));
      D.add(trial.input(d.get(l)));
    }
    float alpha = 0.7f;
    Matrix alphas = trial.input(Host.row(alpha));
    Update update = new Update(trial.device());
    trial.launch(s -> update.apply(s, W, D, alphas.pointer(), 0));
    for (int l = 0; l < W.size(); l++) {
      Host before = w.get(l);
      Host step = d.get(l);
      trial.check(
          "W of layer " + l,
          W.get(l),
          (i, j) -> {
            double value = before.at(i, j) + alpha * step.at(i, j);
            return Wanted.within(value, 1, Math.abs(value));
          });
    }
  }
}
