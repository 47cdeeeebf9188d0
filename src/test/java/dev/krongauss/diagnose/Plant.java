package dev.krongauss.diagnose;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Faults to be planted into what a {@link Trainer} exports. */
final class Plant {
  /**
   * One way to break a convention.
   *
   * @param wanted what must be found, and nothing else
   */
  record Case(String name, Fault wanted, Planter planter) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Breaks it in one layer. */
  interface Planter {
    /** The layer with the fault. */
    LayerArrays plant(Trainer t, int l, SplittableRandom random);
  }

  private Plant() {}

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    factors(all);
    biases(all);
    orders(all);
    mixtures(all);
    return all;
  }

  private static void factors(List<Case> all) {
    all.add(of("summed, not averaged", Fault.SUMMED_OR_DIVIDED, (t, l, r) -> scaled(t, l, t.N)));
    all.add(
        of(
            "δ divided by N already",
            Fault.SUMMED_OR_DIVIDED,
            (t, l, r) ->
                new LayerArrays(t.activations[l], times(t.deltas[l], 1.0 / t.N), t.gradients[l])));
    all.add(of("divided by N twice", Fault.DIVIDED_TWICE, (t, l, r) -> scaled(t, l, 1.0 / t.N)));
    all.add(
        of(
            "averaged over positions",
            Fault.POSITIONS_AVERAGED,
            (t, l, r) -> scaled(t, l, 1.0 / t.T)));
    all.add(
        of(
            "averaged over outputs",
            Fault.OUTPUTS_AVERAGED,
            (t, l, r) -> scaled(t, l, 1.0 / t.sizes[t.layers()])));
    all.add(
        of(
            "scaled by a rate",
            Fault.SCALED,
            (t, l, r) -> scaled(t, l, List.of(0.1, 0.003, 0.7, 3.0, 0.52).get(r.nextInt(5)))));
    all.add(
        of(
            "a loss scale left in",
            Fault.LOSS_SCALED,
            (t, l, r) -> scaled(t, l, Math.scalb(1.0, 9 + r.nextInt(8)))));
    all.add(of("the direction of descent", Fault.NEGATED, (t, l, r) -> scaled(t, l, -1)));
    all.add(
        of(
            "divided by the full batch's count",
            Fault.OTHER_COUNT,
            (t, l, r) ->
                scaled(t, l, t.N / BigInteger.valueOf(t.N).nextProbablePrime().doubleValue())));
    all.add(of("zeroed", Fault.ZERO, (t, l, r) -> scaled(t, l, 0)));
  }

  private static void biases(List<Case> all) {
    all.add(
        of(
            "no column of ones",
            Fault.MISSING_BIAS_COLUMN,
            (t, l, r) ->
                new LayerArrays(
                    t.activations[l].columns(0, t.sizes[l]), t.deltas[l], t.gradients[l])));
    all.add(
        of(
            "no gradient of the bias",
            Fault.MISSING_BIAS_GRADIENT,
            (t, l, r) ->
                new LayerArrays(
                    t.activations[l], t.deltas[l], t.gradients[l].columns(0, t.sizes[l]))));
    all.add(
        of(
            "ones twice",
            Fault.DOUBLED_BIAS_COLUMN,
            (t, l, r) ->
                new LayerArrays(Trainer.withOnes(t.activations[l]), t.deltas[l], t.gradients[l])));
    all.add(
        of(
            "bias first in the gradient",
            Fault.BIAS_FIRST,
            (t, l, r) -> new LayerArrays(t.activations[l], t.deltas[l], rotated(t.gradients[l]))));
    all.add(of("bias summed", Fault.BIAS_SCALED, (t, l, r) -> withBias(t, l, each -> each * t.N)));
    all.add(
        of("bias with twice the rate", Fault.BIAS_SCALED, (t, l, r) -> withBias(t, l, b -> 2 * b)));
    all.add(of("bias zero", Fault.BIAS_ZERO, (t, l, r) -> withBias(t, l, b -> 0)));
  }

  private static void orders(List<Case> all) {
    all.add(
        of(
            "transposed",
            Fault.TRANSPOSED,
            (t, l, r) ->
                new LayerArrays(t.activations[l], t.deltas[l], t.gradients[l].transposed())));
    all.add(
        of(
            "transposed in memory",
            Fault.TRANSPOSED,
            (t, l, r) ->
                new LayerArrays(
                    t.activations[l],
                    t.deltas[l],
                    new Values(
                        t.gradients[l].rows(),
                        t.gradients[l].columns(),
                        t.gradients[l].transposed().values()))));
    all.add(
        of(
            "rows shifted",
            Fault.ROWS_SHIFTED,
            (t, l, r) -> {
              int by = (1 + r.nextInt(3)) * (r.nextBoolean() ? 1 : -1);
              return withDeltas(t, l, i -> Math.floorMod(i + by, t.R()));
            }));
    all.add(
        of(
            "rows time-major",
            Fault.ROWS_REORDERED,
            (t, l, r) -> withDeltas(t, l, i -> i % t.N * t.T + i / t.N)));
    all.add(
        of(
            "rows permuted",
            Fault.OTHER_ACTIVATIONS,
            (t, l, r) -> {
              List<Integer> order = new ArrayList<>(IntStream.range(0, t.R()).boxed().toList());
              Collections.shuffle(order, new Random(r.nextLong()));
              return withDeltas(t, l, order::get);
            }));
    all.add(
        of(
            "stale activations",
            Fault.STALE_ACTIVATIONS,
            (t, l, r) -> {
              Values fresh = Trainer.withOnes(t.gaussian(t.R(), t.sizes[l], 1));
              return new LayerArrays(fresh, t.deltas[l], t.gradients[l])
                  .withPreviousActivations(t.activations[l]);
            }));
    all.add(
        of(
            "inputs in another order",
            Fault.INPUTS_REORDERED,
            (t, l, r) -> {
              List<Integer> order =
                  new ArrayList<>(IntStream.range(0, t.sizes[l]).boxed().toList());
              Collections.rotate(order, 1 + r.nextInt(t.sizes[l] - 1));
              order.add(t.sizes[l]);
              Values turned =
                  t.activations[l]
                      .transposed()
                      .rows(order.stream().mapToInt(i -> i).toArray())
                      .transposed();
              return new LayerArrays(turned, t.deltas[l], t.gradients[l]);
            }));
    all.add(
        of(
            "units in another order",
            Fault.UNITS_REORDERED,
            (t, l, r) -> {
              int[] order =
                  IntStream.range(0, t.sizes[l + 1]).map(i -> t.sizes[l + 1] - 1 - i).toArray();
              Values turned = t.deltas[l].transposed().rows(order).transposed();
              return new LayerArrays(t.activations[l], turned, t.gradients[l]);
            }));
  }

  private static void mixtures(List<Case> all) {
    all.add(
        of(
            "weight decay",
            Fault.WEIGHT_DECAY,
            (t, l, r) ->
                new LayerArrays(
                        t.activations[l],
                        t.deltas[l],
                        sum(t.gradients[l], 1, t.weights[l], List.of(0.3, 0.05).get(r.nextInt(2))))
                    .withWeights(t.weights[l])));
    all.add(of("momentum", Fault.MOMENTUM, (t, l, r) -> withPrevious(t, l, 1, 0.9)));
    all.add(
        of("an average of gradients", Fault.MOMENTUM, (t, l, r) -> withPrevious(t, l, 0.1, 0.9)));
    all.add(of("not zeroed", Fault.ACCUMULATED, (t, l, r) -> withPrevious(t, l, 1, 1)));
    all.add(
        of(
            "elements clipped",
            Fault.ELEMENTS_CLIPPED,
            (t, l, r) -> {
              float[] sizes = t.gradients[l].values().clone();
              for (int i = 0; i < sizes.length; i++) {
                sizes[i] = Math.abs(sizes[i]);
              }
              Arrays.sort(sizes);
              float limit = sizes[Math.max(0, sizes.length - 3 - sizes.length / 4)];
              return new LayerArrays(
                  t.activations[l],
                  t.deltas[l],
                  Trainer.map(t.gradients[l], g -> Math.max(-limit, Math.min(limit, g))));
            }));
    all.add(
        of(
            "not a number",
            Fault.NOT_FINITE,
            (t, l, r) -> {
              float[] values = t.deltas[l].values().clone();
              values[r.nextInt(values.length)] =
                  r.nextBoolean() ? Float.NaN : Float.POSITIVE_INFINITY;
              return new LayerArrays(
                  t.activations[l], new Values(t.R(), t.sizes[l + 1], values), t.gradients[l]);
            }));
    all.add(
        of(
            "something else",
            Fault.UNEXPLAINED,
            (t, l, r) ->
                new LayerArrays(
                    t.activations[l],
                    t.deltas[l],
                    sum(t.gradients[l], 1, t.gaussian(t.sizes[l + 1], t.sizes[l] + 1, 1), 1))));
  }

  private static Case of(String name, Fault wanted, Planter planter) {
    return new Case(name, wanted, planter);
  }

  private static LayerArrays scaled(Trainer t, int l, double by) {
    return new LayerArrays(t.activations[l], t.deltas[l], times(t.gradients[l], by));
  }

  private static LayerArrays withBias(Trainer t, int l, DoubleUnaryOperator f) {
    Values g = t.gradients[l];
    float[] values = g.values().clone();
    for (int i = g.columns() - 1; i < values.length; i += g.columns()) {
      values[i] = (float) f.applyAsDouble(values[i]);
    }
    return new LayerArrays(
        t.activations[l], t.deltas[l], new Values(g.rows(), g.columns(), values));
  }

  private static LayerArrays withDeltas(Trainer t, int l, IntUnaryOperator order) {
    int[] rows = IntStream.range(0, t.R()).map(order).toArray();
    return new LayerArrays(t.activations[l], t.deltas[l].rows(rows), t.gradients[l]);
  }

  private static LayerArrays withPrevious(Trainer t, int l, double c, double mu) {
    Values previous = t.gaussian(t.sizes[l + 1], t.sizes[l] + 1, 0.5);
    return new LayerArrays(t.activations[l], t.deltas[l], sum(t.gradients[l], c, previous, mu))
        .withPreviousGradient(previous);
  }

  static Values times(Values of, double by) {
    return Trainer.map(of, x -> x * by);
  }

  private static Values sum(Values a, double c, Values b, double x) {
    float[] values = new float[a.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (c * a.values()[i] + x * b.values()[i]);
    }
    return new Values(a.rows(), a.columns(), values);
  }

  private static Values rotated(Values g) {
    int[] order =
        IntStream.range(0, g.columns()).map(j -> (j + g.columns() - 1) % g.columns()).toArray();
    return g.transposed().rows(order).transposed();
  }
}
