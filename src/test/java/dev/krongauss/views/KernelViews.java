package dev.krongauss.views;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Coefficients;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Random;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.Weights;

/** Launchers of the project's kernels: their cases have a reference, and run in every layout. */
final class KernelViews {
  private static final String DESCRIBES = "it describes a part of a launch and checks its shapes";

  private KernelViews() {}

  static void add(Table table) {
    products(table);
    elements(table);
    losses(table);
    for (String link :
        new String[] {"Forward/6", "Backward/4", "Tangent/6", "Tangents/6", "Recursion/5"}) {
      table.writesNothing("kernel.argument.Link." + link.replace("/", ".new/"), DESCRIBES);
    }
    table.writesNothing("kernel.Arrange.Item.new/3", DESCRIBES);
    table.writesNothing("kernel.Average.Item.new/3", DESCRIBES);
    table.writesNothing("kernel.Diagonal.Item.new/3", DESCRIBES);
    table.writesNothing("kernel.Gram.Item.new/5", DESCRIBES);
    table.writesNothing("kernel.Gram.Item.fresh/3", DESCRIBES);
    table.writesNothing("kernel.Gram.Item.average/4", DESCRIBES);
    table.writesNothing("kernel.Gram.Item.further/4", DESCRIBES);
    table.writesNothing("kernel.Reduce.scratchFloats/1", "it counts on the host");
    table.writesNothing("kernel.LayerMeasures.scratchFloats/1", "it counts on the host");
    table.writesNothing("kernel.GradientAverage.scratchFloats/1", "it counts on the host");
    table.writesNothing("kernel.Coefficients.Model.new/3", DESCRIBES);
    table.writesNothing("kernel.Coefficients.Decision.new/7", DESCRIBES);
    table.writesNothing("precondition.LayerRule.decision/3", DESCRIBES);
    table.writesNothing("kernel.LayerUpdate.Gradients.new/3", DESCRIBES);
    table.writesNothing("kernel.LayerUpdate.Iterates.new/3", DESCRIBES);
    table.writesNothing("kernel.Muon.scratchFloats/1", "it counts on the host");
  }

  private static void products(Table table) {
    table.kernel("kernel.Matmul.product/8", "matmul/nn");
    table.kernel("kernel.Matmul.forward/7", "matmul/forward");
    table.kernel("kernel.Matmul.backward/5", "matmul/backward");
    table.kernel("kernel.Matmul.lowrank/6", "matmul/lowrank");
    table.kernel("kernel.Matmul.tangent/7", "matmul/tangent");
    table.kernel("kernel.Matmul.recursion/5", "matmul/recursion");
    table.kernel("kernel.Chain.forward/2", "chain/forward");
    table.kernel("kernel.Chain.backward/2", "chain/backward");
    table.kernel("kernel.Chain.backward/3", "chain/backward");
    table.kernel("kernel.Chain.tangents/3", "chain/tangents");
    table.kernel("kernel.Chain.tangent/2", "chain/tangent");
    table.kernel("kernel.Chain.tangents/2", "chain/tangents");
    table.kernel("kernel.Chain.recursion/2", "chain/recursion");
    table.kernel("kernel.Tangents.layer/2", "tangents/layer");
    table.kernel("kernel.Gradient.all/7", "gradient/l2");
    table.kernel("kernel.Gram.accumulate/4", "gram/moving-average");
    table.kernel("kernel.Solve.left/5", "solve/left");
    table.kernel("kernel.Solve.right/5", "solve/right");
    table.kernel("kernel.Solve.leftWhole/5", "solve/left_whole");
    table.kernel("kernel.Solve.rightWhole/5", "solve/right_whole");
    table.kernel("kernel.Solve.leftStatistic/4", "solve/left_tf32_64");
    table.kernel("kernel.Equilibrate.scale/4", "equilibrate/regularised");
    table.kernel("kernel.Cholesky.plan/3", "cholesky/invert");
    table.kernel("kernel.Diagonal.invert/5", "diagonal/invert");
    table.kernel("kernel.Diagonal.gram/5", "diagonal/gram");
    table.kernel("kernel.CholeskyColumns.factorise/3", "cholesky_columns/factorise");
    table.kernel("kernel.CholeskyColumns.invert/3", "cholesky_columns/invert");
    table.kernel("kernel.CholeskyColumns.damp/4", "cholesky_columns/damp");
    table.kernel("kernel.CholeskyColumns.addDiagonal/3", "cholesky_columns/add-diagonal");
    table.kernel("kernel.Congruence.scale/5", "congruence/scale");
    table.kernel("kernel.Congruence.transpose/4", "congruence/transpose");
    table.kernel("kernel.Kronecker.mean/6", "kronecker/mean");
    table.kernel("kernel.RowKronecker.rows/4", "row_kronecker/rows");
    table.kernel("kernel.RowKronecker.sums/5", "row_kronecker/sums");
    table.kernel("kernel.SampleGram.gram/5", "sample_gram/layers");
    table.writesNothing("kernel.Linearised.Layer.new/4", "it says where a layer is");
    table.writesNothing("kernel.Linearised.Term.new/5", "it says what is added");
    table.kernel("kernel.Linearised.tangent/7", "linearised/tangent");
    table.kernel("kernel.Linearised.bend/9", "linearised/bend");
    table.kernel("kernel.Linearised.backward/6", "linearised/backward");
    table.kernel("kernel.Linearised.gradient/6", "linearised/gradient");
    table.kernel("kernel.Linearised.sum/7", "linearised/sum-damped");
    table.kernel("kernel.Linearised.sum/8", "linearised/sum-damped");
    table.kernel("kernel.Linearised.project/6", "linearised/project");
    table.kernel("kernel.Linearised.combine/6", "linearised/combine");
    table.kernel("kernel.Linearised.widen/3", "linearised/widen-and-round");
    table.kernel("kernel.Linearised.round/5", "linearised/widen-and-round");
    table.kernel("kernel.Conjugate.times/5", "conjugate/times");
    table.kernel("kernel.Conjugate.finish/10", "conjugate/finish-scaled");
    table.kernel("kernel.Reduce.dot/5", "reduce/dot");
    table.kernel("kernel.Reduce.firstOrder/6", "reduce/first-order");
    table.kernel("kernel.Reduce.dotAndNorm/6", "reduce/dot-and-norm");
    table.kernel("kernel.StackedGram.gram/5", "stacked_gram/product");
    table.kernel("kernel.StackedGram.decide/5", "stacked_gram/decide-given");
    table.kernel("kernel.StackedGram.decide/6", "stacked_gram/decide-softmax");
    table.kernel("kernel.LayerMeasures.measure/9", "layer_measures/taking");
    table.kernel("kernel.Coefficients.solve/8", "coefficients/ordinary");
    table.run("kernel.Coefficients.decide/2", KernelViews::decide);
    table.kernel("kernel.TraceDamping.damping/10", "trace_damping/ordinary");
  }

  private static void elements(Table table) {
    table.kernel("kernel.Epilogue.forward/6", "epilogue/forward");
    table.kernel("kernel.Epilogue.scaleRows/4", "epilogue/scale-rows");
    table.kernel("kernel.Epilogue.scaleChunks/3", "epilogue/scale-chunks");
    table.kernel("kernel.Epilogue.hadamardLower/3", "epilogue/hadamard-lower");
    table.kernel("kernel.Epilogue.mirror/2", "epilogue/mirror");
    table.kernel("kernel.Average.lower/3", "average/lower");
    table.kernel("kernel.Hadamard.add/5", "hadamard/add");
    table.kernel("kernel.Hadamard.addProduct/5", "hadamard/product-added");
    table.kernel("kernel.Hadamard.product/4", "hadamard/product");
    table.kernel("kernel.Hadamard.sum/6", "hadamard/sum");
    table.kernel("kernel.SecondDerivative.of/5", "second_derivative/tanh");
    table.kernel("kernel.Select.where/5", "select/chosen");
    table.kernel("kernel.Update.apply/5", "update/accepted");
    table.kernel("kernel.Momentum.apply/7", "momentum/accepted");
    table.kernel("kernel.IterateAverage.enter/6", "iterate_average/mean");
    table.kernel("kernel.GradientAverage.apply/5", "gradient_average/average");
    table.kernel("kernel.GradientAverage.applyAlong/7", "gradient_average/along");
    table.kernel("kernel.LayerUpdate.apply/7", "layer_update/both");
    table.writesNothing("kernel.argument.Part.new/4", DESCRIBES);
    table.kernel("kernel.Subsample.take/2", "subsample/part");
    table.kernel("kernel.TreeSum.Item.of/3", "tree_sum/lower");
    table.kernel("kernel.TreeSum.Item.pack/3", "tree_sum/packed");
    table.kernel("kernel.TreeSum.Item.unpack/3", "tree_sum/packed");
    table.kernel("kernel.Gather.of/3", "gather/one");
    table.kernel("kernel.PositionRows.take/6", "position_rows/take");
    table.kernel("kernel.PositionRows.sum/6", "position_rows/sum");
    table.kernel("kernel.PositionRows.sum/7", "position_rows/scaled");
    table.kernel("kernel.EmbeddingCounts.mean/5", "embedding_counts/");
    table.kernel("kernel.Arrange.run/2", "arrange/");
    table.kernel("kernel.Adam.step/12", "adam/accepted");
    table.kernel("kernel.Sgd.step/8", "sgd/nesterov-accepted");
    table.kernel("kernel.Muon.direction/8", "muon/direction-accepted");
    table.kernel("kernel.Muon.polynomial/6", "muon/polynomial");
    table.kernel("kernel.Muon.step/7", "muon/step-accepted");
    table.run(
        "kernel.Random.uniform/6",
        t -> random(t).uniform(t.device().stream(), 7, 3, t.output(9, 77), -1, 2));
    table.run(
        "kernel.Random.normal/6",
        t -> random(t).normal(t.device().stream(), 7, 3, t.output(9, 77), 1, 2));
  }

  private static void losses(Table table) {
    table.kernel("kernel.Loss.evaluate/6", "loss/evaluate");
    table.kernel("kernel.Loss.evaluate/7", "loss/evaluate-mean");
    table.kernel("kernel.operations.FusedLoss.evaluate/6", "loss/evaluate-mean");
    table.kernel("kernel.operations.FusedLoss.decide/5", "stacked_gram/decide-bernoulli");
    table.kernel("kernel.Loss.probabilities/4", "loss/mean-softmax");
    table.kernel("kernel.LossRoot.squareRoot/4", "loss_root/square-root");
    table.kernel("kernel.LossHessian.meanDiagonal/5", "loss_hessian/mean");
    table.kernel("kernel.LossHessian.laplacianDiagonal/2", "loss_hessian/laplacian-diagonal");
    table.kernel("kernel.LossHessian.product/5", "loss_hessian/product");
    table.kernel("kernel.LossHessian.vector/5", "loss_hessian/vector");
    table.kernel("kernel.Loss.sampledGradient/6", "loss/sampled-gradient");
    table.kernel("kernel.Mixture.evaluate/5", "mixture/evaluate");
    table.kernel("kernel.Mixture.squareRoot/5", "mixture/square-root");
    table.kernel("kernel.Mixture.product/7", "mixture/product");
    table.kernel("kernel.Mixture.sampledGradient/5", "mixture/sampled-gradient");
    table.kernel("kernel.Root.product/5", "root/product");
    table.kernel("kernel.RootSpace.split/6", "root_space/split");
    table.kernel("kernel.Weights.scale/4", "weights/scale");
    table.kernel("kernel.Weights.scaleByRoot/4", "weights/scale-by-root");
    table.run(
        "kernel.Weights.scaleValues/3",
        t -> {
          Matrix w = t.input(t.random(19, 1, 0, 2));
          Matrix values = t.inOut(t.random(1, 19));
          new Weights(t.device()).scaleValues(t.device().stream(), w, values.pointer());
        });
    table.kernel("kernel.Weights.relative/3", "weights/relative");
  }

  private static void decide(Trial t) {
    Matrix C = t.input(Table.definite(t, 5));
    Matrix measures = t.input(t.random(1, 20, 0.5, 1));
    Matrix along = t.input(t.random(1, 5));
    Matrix x = t.inOut(t.random(1, 5));
    Matrix traces = t.input(t.random(1, 10, 0.5, 1));
    Matrix before = t.inOut(t.random(1, 10, 0.5, 1));
    Matrix scalars = t.inOut(t.random(1, Control.SLOTS, 0.5, 1));
    Matrix gammas = t.input(t.random(1, 2));
    Control.Dampings ladder = new Control.Dampings(t.ints(0, 0).pointer(), gammas.pointer(), 2, 1);
    new Coefficients(t.device())
        .decide(
            t.device().stream(),
            new Coefficients.Decision(
                new Coefficients.Model(C, measures.pointer(), 0),
                along.pointer(),
                x.pointer(),
                scalars.pointer(),
                ladder,
                new Coefficients.Traces(traces.pointer(), before.pointer()),
                new Control.Rules(1e-5f, 2, 1, true, false, true, false)));
  }

  private static Random random(Trial t) {
    return new Random(t.device());
  }
}
