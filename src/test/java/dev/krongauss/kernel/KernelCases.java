package dev.krongauss.kernel;

import java.util.ArrayList;
import java.util.List;

/** Every case of every kernel; a new kernel's cases are appended here. */
public final class KernelCases {
  private KernelCases() {}

  /** All cases, in the order of the files in kernels/. */
  public static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    // products and factorisations
    cases.addAll(MatmulCase.all());
    cases.addAll(ChainCase.all());
    cases.addAll(TangentsCase.all());
    cases.addAll(GradientCase.all());
    cases.addAll(EpilogueCase.all());
    cases.addAll(SecondDerivativeCase.all());
    cases.addAll(HadamardCase.all());
    cases.addAll(CongruenceCase.all());
    cases.addAll(KroneckerCase.all());
    cases.addAll(RowKroneckerCase.all());
    cases.addAll(StackCase.all());
    cases.addAll(LinearisedCase.all());
    cases.addAll(LinearisedSumsCase.all());
    cases.addAll(ConjugateCase.all());
    cases.addAll(GramCase.all());
    cases.addAll(SampleGramCase.all());
    cases.addAll(SolveCase.all());
    cases.addAll(EquilibrateCase.all());
    cases.addAll(CholeskyCase.all());
    cases.addAll(CholeskyColumnsCase.all());
    // element-wise operations, losses, reductions, updates
    cases.addAll(DiagonalCase.all());
    cases.addAll(AverageCase.all());
    cases.addAll(LossCase.all());
    cases.addAll(LossHessianCase.all());
    cases.addAll(LossRootCase.all());
    cases.addAll(MixtureCase.all());
    cases.addAll(RootCase.all());
    cases.addAll(RootSpaceCase.all());
    cases.addAll(WeightsCase.all());
    cases.addAll(ReduceCase.all());
    cases.addAll(UpdateCase.all());
    cases.addAll(MomentumCase.all());
    cases.addAll(IterateAverageCase.all());
    cases.addAll(GradientAverageCase.all());
    cases.addAll(GradientAverageAlongCase.all());
    cases.addAll(SubsampleCase.all());
    cases.addAll(TreeSumCase.all());
    cases.addAll(GatherCase.all());
    cases.addAll(PositionRowsCase.all());
    cases.addAll(EmbeddingCountsCase.all());
    cases.addAll(ArrangeCase.all());
    cases.addAll(StackedGramCase.all());
    cases.addAll(StackedGramDecideCase.all());
    cases.addAll(LayerMeasuresCase.all());
    cases.addAll(CoefficientsCase.all());
    cases.addAll(CoefficientsDecideCase.all());
    cases.addAll(LayerUpdateCase.all());
    cases.addAll(AdamCase.all());
    cases.addAll(SgdCase.all());
    cases.addAll(MuonCase.all());
    cases.addAll(RandomCase.all());
    cases.addAll(TraceDampingCase.all());
    cases.addAll(SelectCase.all());
    return cases;
  }
}
