package org.example.libtorch;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.precondition.Bias;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.precondition.WeightLayout;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An optimiser for LibTorch's modules: gradients by LibTorch's autograd, preconditioned by
 * Krongauss in LibTorch's memory, and one step length for all layers from the curvature along the
 * direction.
 *
 * <p>The trainer goes forward and back as it always does and calls {@link #step}. Every few updates
 * that runs a forward and a backward pass of its own over a part of the batch, for the factors
 * ({@link Statistics}); the trainer's passes are not touched.
 */
final class SecondOrder implements AutoCloseable {
  /**
   * Settings.
   *
   * @param gamma damping γ of the factors; λ of the step length is γ²
   * @param refreshEvery updates from one look at the factors to the next, after the first three
   * @param part one of so many datapoints goes into the factors
   * @param past weight of the past in the average of gradients, 0 for none
   * @param decay weight of the past in the average of the factors
   * @param rate times the step length of the quadratic model, 1 as it is
   */
  record Options(double gamma, int refreshEvery, int part, double past, double decay, double rate) {
    static final Options DEFAULT = new Options(0.03, 5, 4, 0.5, 0.9, 1);

    Options withRate(double other) {
      return new Options(gamma, refreshEvery, part, past, decay, other);
    }
  }

  private static final int FIRST = 3;

  private final Model model;
  private final Options options;
  private final Stream stream;
  private final Views views;
  private final Preconditioner preconditioner;
  private final Statistics statistics;
  private final StepLength stepLength;
  private final List<Tensor> averages = new ArrayList<>();
  private final List<Tensor> directions = new ArrayList<>();
  private final List<Matrix> m = new ArrayList<>();
  private final List<Matrix> D = new ArrayList<>();
  private int updates;

  SecondOrder(Device device, Model model, Options options) {
    this.model = model;
    this.options = options;
    stream = device.stream();
    views = new Views(device);
    Preconditioner.Builder builder =
        Preconditioner.on(device).gamma(options.gamma()).decay(options.decay());
    for (Layer layer : model.layers()) {
      describe(layer, builder);
      averages.add(zeros(layer));
      directions.add(zeros(layer));
    }
    preconditioner = builder.build();
    averages.forEach(average -> m.add(views.matrix(average)));
    directions.forEach(direction -> D.add(views.matrix(direction)));
    statistics = new Statistics(device, model, preconditioner);
    stepLength = new StepLength(model, options.gamma() * options.gamma(), 1);
  }

  private static Tensor zeros(Layer layer) {
    return torch.zeros(layer.rows(), layer.columns());
  }

  private static void describe(Layer layer, Preconditioner.Builder builder) {
    switch (layer.kind()) {
      case DENSE -> builder.layer(layer.columns(), layer.rows());
      case DENSE_WITH_BIAS ->
          // The bias is the last column of the weights; activations come without their column of 1.
          builder.layer(layer.columns(), layer.rows()).layout(WeightLayout.OUT_IN, Bias.SEPARATE);
      case EMBEDDING -> builder.embedding(layer.rows(), layer.columns());
      case SCALE -> builder.scale(layer.rows());
    }
  }

  /**
   * Moves the weights, after the trainer's backward pass.
   *
   * @param batch inputs of that pass
   * @param logits of that pass, without a record for autograd
   * @return the step length α
   */
  double step(Tensor batch, Tensor logits) {
    updates++;
    if (updates <= FIRST || updates % options.refreshEvery() == 0) {
      refresh(batch);
    }
    average();
    precondition();
    double alpha = options.rate() * length(batch, logits);
    move(alpha);
    return alpha;
  }

  /** Factors from a part of the batch, damped and inverted. */
  void refresh(Tensor batch) {
    long N = batch.size(0);
    long part = (N + options.part() - 1) / options.part();
    Scoped.run(() -> statistics.enter(batch.narrow(0, 0, part), stream));
    preconditioner.refresh(stream);
    String failure = preconditioner.failure(stream);
    if (!failure.isEmpty()) {
      throw new IllegalStateException("update " + updates + ": " + failure);
    }
  }

  /** m ← past m + (1 − past) g; g alone in the first updates. */
  void average() {
    double weight = updates <= FIRST ? 1 : 1 - options.past();
    Scoped.withoutGrad(
        () -> {
          for (int l = 0; l < averages.size(); l++) {
            Tensor m = averages.get(l);
            m.lerp_(model.layers().get(l).weight().grad().view_as(m), new Scalar(weight));
          }
        });
  }

  /** D = −(G + γ/ω I)⁻¹ m (Q + ωγ I)⁻¹ of all layers, and waits: LibTorch knows no such stream. */
  void precondition() {
    preconditioner.apply(m, D, stream);
    stream.synchronize();
  }

  /** The step length along D. */
  double length(Tensor batch, Tensor logits) {
    return Scoped.valueWithoutGrad(() -> stepLength.along(directions, batch, logits));
  }

  /** W ← W + α D. */
  void move(double alpha) {
    Scoped.withoutGrad(
        () -> {
          for (int l = 0; l < directions.size(); l++) {
            Tensor W = model.layers().get(l).weight();
            W.add_(directions.get(l).view_as(W), new Scalar(alpha));
          }
        });
  }

  Preconditioner preconditioner() {
    return preconditioner;
  }

  /** The averages of the gradients. */
  List<Matrix> gradients() {
    return m;
  }

  List<Tensor> directions() {
    return directions;
  }

  @Override
  public void close() {
    preconditioner.close();
    views.close();
    averages.forEach(Tensor::close);
    directions.forEach(Tensor::close);
  }
}
