package dev.krongauss.diagnose;

import dev.krongauss.device.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Which conventions the arrays of a batch break, each with its number and the line to change.
 *
 * <pre>{@code
 * Diagnosis diagnosis = Diagnosis.of(N).layer(first).layer(second).run();
 * if (!diagnosis.sound()) {
 *   throw new IllegalStateException(diagnosis.toString());
 * }
 * }</pre>
 *
 * <p>A gradient that differs from 1/N Σ δ āᵀ by no more than rounding is right ({@link Rounding});
 * of another one every {@link Fault} is tried, and what explains it to the last digits is reported.
 * Faults that come together are found where they are of different kinds, as a shift and a factor;
 * otherwise it is {@link Fault#UNEXPLAINED}: correct what is named, and ask again.
 *
 * <p>What cannot be seen: that both δ and gradient are of a wrong loss, since the identity holds
 * then, too (hand over predictions and targets: {@link Builder#top}); and anything of a layer whose
 * gradient is within rounding of zero, {@link #untold}.
 */
public final class Diagnosis {
  private final List<Finding> findings;
  private final List<Integer> untold;
  private final int layers;

  private Diagnosis(List<Finding> findings, List<Integer> untold, int layers) {
    this.findings = List.copyOf(findings);
    this.untold = List.copyOf(untold);
    this.layers = layers;
  }

  /**
   * Begins with the batch.
   *
   * @param N datapoints
   * @throws IllegalArgumentException if there is none
   */
  public static Builder of(int N) {
    Check.that(N >= 1, "a batch of %d datapoints; give N, 1 or more", N);
    return new Builder(N);
  }

  /** Layers from the input on, and what else is known. */
  public static final class Builder {
    private final int N;
    private final List<LayerArrays> layers = new ArrayList<>();
    private int T = 1;
    private Rounding rounding = Rounding.FP32;
    private Values predictions;
    private Values targets;

    private Builder(int N) {
      this.N = N;
    }

    /**
     * Positions of each datapoint that share the weights, row n·T + t; default 1.
     *
     * @throws IllegalArgumentException if there is none, or N·T is 2³¹ or more
     */
    public Builder positions(int count) {
      Check.that(count >= 1, "%d positions a datapoint; give 1 or more", count);
      Check.count((long) N * count, "rows of activations, N times positions; take a part");
      T = count;
      return this;
    }

    /** The trainer's arithmetic; default {@link Rounding#FP32}. */
    public Builder rounding(Rounding value) {
      rounding = Objects.requireNonNull(value, "rounding");
      return this;
    }

    /** The next layer; the first one is next to the input. */
    public Builder layer(LayerArrays arrays) {
      layers.add(Objects.requireNonNull(arrays, "arrays"));
      return this;
    }

    /**
     * What the network predicted, and what it should have: for losses whose gradient by the last
     * pre-activation is prediction − target, as the squared loss ½‖p − t‖², and Bernoulli and
     * softmax losses with p the probabilities. With it shifted targets are found, and sums told
     * from δ that were divided.
     *
     * @param predictions {@code [N·T][d_L]}
     * @param targets {@code [N·T][d_L]}
     * @throws IllegalArgumentException if the two differ in shape
     */
    public Builder top(Values predictions, Values targets) {
      Check.that(
          predictions.rows() == targets.rows() && predictions.columns() == targets.columns(),
          "predictions are %s and targets %s; give both as [N T][outputs]",
          predictions.shape(),
          targets.shape());
      this.predictions = predictions;
      this.targets = targets;
      return this;
    }

    /**
     * Compares; takes about a multiplication of δ and activations in double a layer where all is
     * right, and some seconds for large layers where it is not.
     *
     * @throws IllegalArgumentException if there is no layer
     */
    public Diagnosis run() {
      Check.that(!layers.isEmpty(), "there is no layer to diagnose; call layer() for each");
      List<Finding> findings = new ArrayList<>();
      List<Separated> separated = new ArrayList<>();
      for (int l = 0; l < layers.size(); l++) {
        boolean finite = Finite.check(l, layers.get(l), findings);
        separated.add(finite ? Shapes.of(l, layers.get(l), N * T, findings) : null);
      }
      Batch batch = batch(findings);
      List<Integer> untold = new ArrayList<>();
      List<Finding> ofLayers = new ArrayList<>();
      for (Separated each : separated) {
        if (each != null) {
          LayerCheck.Outcome outcome = LayerCheck.of(batch, separated, each);
          ofLayers.addAll(outcome.findings());
          if (!outcome.told()) {
            untold.add(each.index());
          }
        }
      }
      findings.addAll(Clipping.ofNorm(ofLayers, separated));
      return new Diagnosis(findings, untold, layers.size());
    }

    private Batch batch(List<Finding> findings) {
      int last = layers.size() - 1;
      Values deltas = layers.get(last).deltas();
      Batch batch = new Batch(N, T, deltas.columns(), rounding, 1, false);
      return predictions == null || !Finite.top(last, predictions, targets, findings)
          ? batch
          : Top.of(last, batch, deltas, predictions, targets, findings);
    }
  }

  /** What was found, in the order of the layers; empty where all is right. */
  public List<Finding> findings() {
    return findings;
  }

  /** Whether nothing was found. */
  public boolean sound() {
    return findings.isEmpty();
  }

  /**
   * Layers, from 0, whose gradient is so near to zero, beside what rounding does to it, that a
   * wrong factor would not be seen: export a batch from before the training has converged.
   */
  public List<Integer> untold() {
    return untold;
  }

  /** Some lines of text: each fault once, with its layers, numbers and remedy. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (sound()) {
      text.append(
          "%d layer%s: each gradient is the mean of δ āᵀ, but for rounding"
              .formatted(layers, layers == 1 ? "" : "s"));
    }
    Map<Fault, List<Finding>> byFault =
        findings.stream()
            .collect(
                Collectors.groupingBy(Finding::fault, LinkedHashMap::new, Collectors.toList()));
    byFault.forEach(
        (fault, all) -> {
          text.append(text.isEmpty() ? "" : "\n").append(fault).append('\n');
          all.forEach(
              each -> text.append("  layer %d: %s%n".formatted(each.layer(), each.sentence())));
          text.append("  -> ").append(fault.remedy());
        });
    if (!untold.isEmpty()) {
      text.append(
          "\nnot told of layer%s %s: the gradient is too near to zero for its factor to be seen"
              .formatted(
                  untold.size() == 1 ? "" : "s",
                  untold.stream().map(String::valueOf).collect(Collectors.joining(", "))));
    }
    return text.toString();
  }
}
