package dev.krongauss.views;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Host;
import dev.krongauss.kernel.Trial;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.HostMixture;
import dev.krongauss.testing.Huber;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The operations of every kind of loss, with and without weights. */
final class LossViews {
  private static final int N = 19;

  private LossViews() {}

  /** A loss, its outputs, and whether its targets are 0 and 1. */
  private record Kind(LossFunction loss, int outputs, boolean bits) {}

  private static List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    for (Kind kind :
        List.of(
            new Kind(Loss.squared(), 37, false),
            new Kind(Loss.bernoulli(), 37, true),
            new Kind(Loss.softmax(), 37, true),
            new Kind(Loss.mixture(), 3, true),
            new Kind(Loss.mixture(Loss.Split.LOGIT), 3, true),
            new Kind(Gaussian.diagonal(), 2, false),
            new Kind(Loss.onHost(new Huber(0.5f)), 5, false),
            new Kind(Loss.onHost(new HostMixture(Loss.Split.LOGIT)), 3, true))) {
      kinds.add(kind);
      kinds.add(new Kind(Loss.weighted(kind.loss()), kind.outputs(), kind.bits()));
    }
    return kinds;
  }

  private interface Body {
    void run(Trial t, Kind kind, LossFunction.OnDevice loss, Matrix h, Matrix targets);
  }

  private static void all(Table table, String operation, Body body) {
    table.run(
        "model.LossFunction.OnDevice." + operation,
        t -> {
          for (Kind kind : kinds()) {
            Matrix h = t.input(t.random(N, kind.outputs()));
            Matrix targets = t.input(targets(t, kind));
            try (LossFunction.OnDevice loss = kind.loss().on(t.device())) {
              body.run(t, kind, loss, h, targets);
              s(t).synchronize();
            }
          }
        });
  }

  /** Ones and zeros, or numbers; a weight behind them, if there is one. */
  private static Host targets(Trial t, Kind kind) {
    SplittableRandom random = t.random();
    int columns = kind.loss().targets(kind.outputs());
    boolean weighted = kind.loss().name().startsWith("weighted");
    return Host.of(
        N,
        columns,
        (i, j) -> {
          if (weighted && j == columns - 1) {
            return i % 5 == 3 ? 0 : 2 * random.nextDouble();
          }
          if (kind.loss().name().contains("softmax")) {
            return j == i % kind.outputs() ? 1 : 0;
          }
          return kind.bits() ? random.nextInt(2) : random.nextDouble();
        });
  }

  static void add(Table table) {
    table.writesNothing("model.LossFunction.weights/1", "it makes a view");
    table.run(
        "model.LossFunction.check/2",
        t -> {
          Kind kind = kinds().get(0);
          Matrix inputs = t.input(t.random(N, 3));
          kind.loss().check(new GivenBatch(inputs, t.input(targets(t, kind))), s(t));
        });
    all(
        table,
        "evaluate/5",
        (t, kind, loss, h, targets) -> {
          Matrix gradient = t.output(N, kind.outputs());
          loss.evaluate(h, targets, gradient, perDatapoint(t), s(t));
          loss.evaluate(h, targets, null, perDatapoint(t), s(t));
        });
    all(
        table,
        "squareRoot/4",
        (t, kind, loss, h, targets) -> {
          int K = kind.loss().rank(kind.outputs());
          loss.squareRoot(h, targets, t.output(N * K, kind.outputs()), s(t));
        });
    all(
        table,
        "meanHessianDiagonal/5",
        (t, kind, loss, h, targets) -> {
          int d = kind.outputs();
          if (kind.loss().diagonalHessian()) {
            Matrix scratch = t.inOut(t.random(N, d));
            loss.meanHessianDiagonal(h, targets, scratch, t.output(1, d), s(t));
            scratch.upload(new float[N * d], s(t));
          }
        });
    all(
        table,
        "meanHessian/5",
        (t, kind, loss, h, targets) -> {
          int d = kind.outputs();
          // The scratch may hold anything afterwards, but only its own columns.
          Matrix scratch = t.inOut(t.random(N, d));
          loss.meanHessian(h, targets, scratch, t.output(d, d), s(t));
          scratch.upload(new float[N * d], s(t));
        });
    all(
        table,
        "sampledGradient/6",
        (t, kind, loss, h, targets) -> {
          if (kind.loss().canSample()) {
            long step = t.ints(3).pointer();
            loss.sampledGradient(h, targets, 5, step, t.output(N, kind.outputs()), s(t));
          }
        });
    products(table);
  }

  private static void products(Table table) {
    all(
        table,
        "curvatureVector/5",
        (t, kind, loss, h, targets) -> {
          Matrix v = t.input(t.random(N, kind.outputs()));
          loss.curvatureVector(h, targets, v, t.output(N, kind.outputs()), s(t));
        });
    all(
        table,
        "quadraticVector/5",
        (t, kind, loss, h, targets) -> {
          Matrix v = t.input(t.random(N, kind.outputs()));
          loss.quadraticVector(h, targets, v, t.output(N, kind.outputs()), s(t));
        });
    all(
        table,
        "hessianVector/5",
        (t, kind, loss, h, targets) -> {
          Matrix v = t.input(t.random(N, kind.outputs()));
          loss.hessianVector(h, targets, v, t.output(N, kind.outputs()), s(t));
        });
    all(
        table,
        "hessianProduct/5",
        (t, kind, loss, h, targets) -> {
          Matrix v = t.input(t.random(N, kind.outputs()));
          loss.hessianProduct(h, targets, v, perDatapoint(t), s(t));
        });
  }

  /** N floats beside one another, guarded like the others. */
  private static long perDatapoint(Trial t) {
    return t.output(1, N).pointer();
  }

  private static Stream s(Trial t) {
    return t.device().stream();
  }

  /** A batch of views. */
  record GivenBatch(Matrix inputs, Matrix targets) implements Batch {
    @Override
    public int size() {
      return inputs.rows();
    }
  }
}
