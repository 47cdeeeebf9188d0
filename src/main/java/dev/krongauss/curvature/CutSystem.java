package dev.krongauss.curvature;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Linearised.Term;
import dev.krongauss.kernel.argument.Going;
import dev.krongauss.model.Losses;

/**
 * The exact step in the space of weights where the batch is cut: passes go chunk by chunk, each
 * behind a forward pass of its own where a rank has several. Vectors of weights are known to all
 * ranks as those of each chunk and added in the chunks' order, and the matrix by the tree of all
 * sums, so that no bit depends on who has which chunk. What follows is the same work on the same
 * numbers on every rank.
 */
final class CutSystem extends ParameterSystem {
  private final ExactCut cut;
  private final ExactCut.Leaves grams;
  private final long parts;

  CutSystem(Parts of, ExactCut cut) {
    super(of, cut);
    Losses.checkSingleRows(of.loss(), "exact() with chunks");
    this.cut = cut;
    this.grams = cut.leaves(arena, allocate(P));
    this.parts = vector((long) P * cut.chunks(), "vectors of chunks");
  }

  @Override
  public void gradient(Point at, Stream s) {
    for (int k = 0; k < cut.own(); k++) {
      Point of = cut.evaluate(k);
      passes.begin(s);
      passes.back(s, of.outputGradient(), 1, Term.NONE, part(k));
    }
    float l2 = settings.l2();
    passes.kernel().widen(s, model.parameters(), z);
    cut.share(parts, 8L * P, s);
    add(null, N, new Term(l2, 0, false, null, z), p, s);
    add(null, -N, new Term(-l2, 0, false, null, z), negative, s);
    passes.kernel().round(s, 0, p, at.gradients(), 0);
  }

  @Override
  void form(Point at, Matrix matrix, Stream s) {
    for (int k = 0; k < cut.own(); k++) {
      Point of = cut.forward(k);
      Matrix roots = top(k, of.h().rows());
      roots(of, roots, s);
      grams(roots, of.h().rows(), grams.of(k), s);
    }
    grams.sum(s);
    equilibrate(matrix, s);
  }

  @Override
  void change(Going going, Stream s) {
    for (int k = 0; k < cut.own(); k++) {
      Matrix roots = pass(k, s);
      passes.forward(s, going, roots, p, residuals(k));
    }
    cut.share(residuals, 8L * K * cut.most(), s);
  }

  @Override
  void product(Term damping, long out, Stream s) {
    for (int k = 0; k < cut.own(); k++) {
      Matrix roots = pass(k, s);
      passes.forward(s, conjugate.going(), roots, p, residuals(k));
      passes.back(s, conjugate.going(), roots, residuals(k), 1, Term.NONE, part(k));
    }
    cut.share(parts, 8L * P, s);
    add(conjugate.going(), N, damping, out, s);
  }

  @Override
  void bend(long along, long out, Stream s) {
    for (int k = 0; k < cut.own(); k++) {
      Matrix roots = pass(k, s);
      passes.bend(s, conjugate.going(), roots, along, residuals(k));
      passes.back(s, conjugate.going(), roots, residuals(k), 1, Term.NONE, part(k));
    }
    cut.share(parts, 8L * P, s);
    add(conjugate.going(), -N, Term.NONE, out, s);
  }

  /** Makes the k-th chunk's pass the last one; the square roots of its rows. */
  private Matrix pass(int k, Stream s) {
    int n = cut.forward(k).h().rows();
    passes.begin(s);
    return top(k, n);
  }

  private Matrix top(int k, int n) {
    return top.rows(k * cut.most() * K, n * K);
  }

  private long part(int k) {
    return parts + 8L * P * (cut.first() + k);
  }

  private long residuals(int k) {
    return residuals + 8L * K * cut.most() * (cut.first() + k);
  }

  private void add(Going going, int count, Term term, long out, Stream s) {
    passes.kernel().sum(s, Going.stop(going), parts, cut.chunks(), P, count, term, out);
  }
}
