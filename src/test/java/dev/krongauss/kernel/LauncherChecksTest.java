package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * Misuse of the product and factorisation launchers is refused, with the numbers, before anything
 * is launched.
 */
final class LauncherChecksTest {
  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private long next = 1 << 20;

  /** A view of no memory: a launch with it would fail on the device. */
  private Matrix matrix(int rows, int columns) {
    next += 1 << 20;
    return Matrix.wrap(next, rows, columns, columns);
  }

  private static void refused(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).message().contains(parts);
  }

  @Test
  void productsNeedInnerSizesThatAgree() {
    Matmul matmul = new Matmul(device);
    refused(
        () ->
            matmul.product(
                s, Matmul.Op.N, matrix(2, 3), Matmul.Op.N, matrix(4, 5), 1, 0, matrix(2, 5)),
        "B is [4][5]",
        "[3][5]");
    refused(
        () ->
            matmul.product(
                s, Matmul.Op.T, matrix(3, 2), Matmul.Op.T, matrix(5, 3), 1, 0, matrix(5, 2)),
        "C is [5][2]",
        "[2][5]");
  }

  @Test
  void resultsNeedMemoryOfTheirOwn() {
    Matrix A = matrix(4, 4);
    Matrix B = matrix(4, 4);
    Matmul matmul = new Matmul(device);
    refused(
        () -> matmul.product(s, Matmul.Op.N, A, Matmul.Op.N, B, 1, 0, A), "C and A are the same");
    refused(() -> Gram.Item.fresh(A, 1, A), "S and X are the same");
    refused(() -> new Average.Item(A, Past.always(0.5f), A), "X and S are the same");
    refused(() -> new Solve(device).left(s, List.of(A), List.of(B), 1, List.of(B)), "same memory");
    refused(() -> new CholeskyColumns(device).damp(s, A, B.pointer(), A), "A and S are the same");
    refused(() -> new CholeskyColumns(device).invert(s, A, A), "X and L are the same");
  }

  @Test
  void diagonalsAreRowsWithAPlaceEach() {
    Matrix g = matrix(1, 4);
    Matrix x = matrix(1, 4);
    Matrix ints = matrix(1, 8);
    Diagonal diagonal = new Diagonal(device);
    refused(() -> new Diagonal.Item(matrix(4, 4), 0, x), "g is [4][4]", "[1][4]");
    refused(() -> new Diagonal.Item(g, 0, matrix(1, 5)), "x is [1][5]", "[1][4]");
    refused(() -> new Diagonal.Item(g, 0, g), "x and g are the same");
    refused(() -> new Diagonal.Item(g, -1, x), "place -1");
    refused(
        () -> diagonal.gram(s, matrix(9, 4), 1, 0, matrix(1, 3)), "diagonal is [1][3]", "[1][4]");
    List<Diagonal.Item> beyond = List.of(new Diagonal.Item(g, 2, x));
    long address = ints.pointer();
    refused(() -> diagonal.invert(s, beyond, 2, address, address + 16), "place 2 of a row of 2");
    refused(() -> diagonal.invert(s, beyond, 3, 0, address), "dampings", "null");
    Matrix S = matrix(2, 3);
    refused(() -> new Solve(device).left(s, List.of(S), List.of(g), 1, List.of(x)), "S is [2][3]");
    refused(() -> new Average.Item(matrix(4, 4), Past.always(0.5f), g), "X is [4][4]", "[1][4]");
  }

  @Test
  void layersMayCarryABiasColumnAndNothingElse() {
    Matmul matmul = new Matmul(device);
    refused(
        () -> matmul.backward(s, matrix(8, 3), matrix(3, 7), matrix(8, 5), matrix(8, 5)),
        "W is [3][7]",
        "[3][5]",
        "[3][6]");
    refused(
        () -> matmul.forward(s, matrix(8, 6), matrix(3, 6), Transfer.TANH, 0, matrix(8, 5), null),
        "output is [8][5]",
        "[8][3]",
        "[8][4]");
    refused(
        () -> matmul.lowrank(s, matrix(9, 3), matrix(3, 6), matrix(4, 5), 2, matrix(8, 5)),
        "9 rows",
        "4 datapoints",
        "8");
  }

  @Test
  void factorsAreSquare() {
    refused(
        () -> new CholeskyColumns(device).factorise(s, matrix(3, 4), 1 << 20),
        "A is [3][4]",
        "square");
    refused(() -> new Epilogue(device).mirror(s, matrix(3, 4)), "S is [3][4]", "square");
    refused(
        () ->
            new Solve(device)
                .right(s, List.of(matrix(3, 4)), List.of(matrix(3, 3)), 1, List.of(matrix(3, 4))),
        "B is [3][4]",
        "[3][3]");
  }

  @Test
  void stacksAreOfSquareMatricesOfAllDatapoints() {
    Congruence congruence = new Congruence(device);
    refused(
        () -> congruence.transpose(s, matrix(6, 4), 4, matrix(16, 2)), "X [6][4]", "4 matrices");
    refused(() -> congruence.transpose(s, matrix(6, 4), 3, matrix(12, 3)), "Y [12][3]");
    Matrix X = matrix(4, 4);
    refused(() -> congruence.transpose(s, X, 1, X), "same memory");
    refused(() -> congruence.scale(s, matrix(7, 3), null, null, matrix(7, 3)), "M [7][3]");
    refused(
        () -> congruence.scale(s, matrix(6, 3), matrix(3, 3), null, matrix(6, 3)),
        "b is [3][3]",
        "[2][3]");
    Kronecker kronecker = new Kronecker(device);
    refused(
        () -> kronecker.mean(s, matrix(2, 5), matrix(9, 3), 1, false, matrix(15, 15)),
        "H is [9][3]",
        "[6][3]");
    refused(
        () -> kronecker.mean(s, matrix(2, 5), matrix(6, 3), 1, false, matrix(15, 14)),
        "K is [15][14]",
        "[15][15]");
  }

  @Test
  void elementWiseOperandsAreOfOneShape() {
    Hadamard hadamard = new Hadamard(device);
    refused(() -> hadamard.product(s, matrix(2, 3), matrix(3, 2), matrix(2, 3)), "A is [3][2]");
    refused(() -> hadamard.add(s, matrix(2, 3), 1, matrix(2, 3), matrix(2, 4)), "Y is [2][4]");
    refused(
        () ->
            new SecondDerivative(device)
                .of(s, Transfer.TANH, matrix(2, 3), matrix(2, 4), matrix(2, 3)),
        "f'(h) is [2][4]");
    refused(
        () ->
            new LossHessian(device)
                .vector(s, Loss.Kind.SQUARED, matrix(2, 3), matrix(2, 4), matrix(2, 3)),
        "v is [2][4]");
  }

  /** Another stride would let a row be overwritten before it is read. */
  @Test
  void resultsInPlaceAreRowForRow() {
    Matrix X = matrix(4, 3);
    Matrix Y = Matrix.wrap(X.pointer(), 4, 3, 5);
    Loss loss = new Loss(device);
    Loss.Kind kind = Loss.Kind.SQUARED;
    refused(
        () -> loss.evaluate(s, kind, X, matrix(4, 3), Y, 1 << 20),
        "gradient is h in place",
        "5",
        "3");
    refused(() -> loss.evaluate(s, kind, matrix(4, 3), X, Y, 1 << 20), "gradient is t in place");
    refused(() -> loss.probabilities(s, kind, X, Y), "P is h in place");
    refused(() -> loss.sampledGradient(s, kind, X, 1, 1 << 20, Y), "gradient is h in place");
    refused(() -> new LossHessian(device).vector(s, kind, matrix(4, 3), X, Y), "u is v in place");
    Mixture mixture = new Mixture(device);
    refused(() -> mixture.evaluate(s, X, matrix(4, 1), Y, 1 << 20), "gradient is h in place");
    refused(() -> mixture.sampledGradient(s, X, 1, 1 << 20, Y), "gradient is h in place");
    Hadamard hadamard = new Hadamard(device);
    refused(() -> hadamard.product(s, matrix(4, 3), X, Y), "Y is A in place");
    refused(() -> hadamard.add(s, X, 1, matrix(4, 3), Y), "Y is X in place");
    SecondDerivative second = new SecondDerivative(device);
    refused(() -> second.of(s, Transfer.TANH, matrix(4, 3), X, Y), "f'(h) in place");
  }

  @Test
  void stacksAreOfChunksOfAsManyRows() {
    Matrix batch = matrix(1000, 5);
    refused(
        () -> new Part(1000, 64, List.of(batch), List.of(matrix(100, 5))),
        "100 rows",
        "multiple of 64");
    refused(() -> new Part(999, 64, List.of(batch), List.of(matrix(64, 5))), "[1000][5]", "[999]");
    refused(() -> new Part(5, 5, List.of(), List.of(batch)), "0 matrices into 1");
    Matrix whole = matrix(64, 5);
    refused(() -> new Part(64, 64, List.of(whole), List.of(whole)), "same memory");
    refused(() -> new Part(64, 63, List.of(whole), List.of(whole)), "63 rows of 64");
    StackedGram gram = new StackedGram(device);
    refused(() -> gram.gram(s, matrix(7, 2), matrix(7, 2), 3, matrix(3, 3)), "V is [7][2]", "3");
    refused(() -> gram.gram(s, matrix(6, 2), matrix(6, 3), 3, matrix(3, 3)), "P is [6][3]");
    refused(() -> gram.gram(s, matrix(6, 2), matrix(6, 2), 3, matrix(2, 2)), "C is [2][2]");
  }

  @Test
  void layersHaveDirectionsAndGradientsOfTheirShape() {
    List<Matrix> W = List.of(matrix(2, 3));
    List<Matrix> D = List.of(matrix(2, 3));
    List<Matrix> g = List.of(matrix(2, 3));
    List<Matrix> wide = List.of(matrix(2, 4));
    LayerMeasures measures = new LayerMeasures(device);
    refused(() -> measures.measure(s, D, wide, null, W, 0, 4, null, 4), "g[0] is [2][4]");
    refused(() -> measures.measure(s, D, g, wide, W, 4, 4, null, 4), "m[0] is [2][4]");
    refused(() -> measures.measure(s, D, g, null, wide, 0, 4, null, 4), "W[0] is [2][4]");
    refused(() -> measures.measure(s, D, g, g, W, 0, 4, null, 4), "mu is null");
    refused(() -> measures.measure(s, List.of(), g, null, W, 0, 4, null, 4), "0 directions");
    GradientAverage average = new GradientAverage(device);
    refused(() -> average.apply(s, W, g, 4, g), "same memory");
    refused(() -> average.apply(s, W, g, 4, W), "same memory");
    refused(() -> average.applyAlong(s, W, g, 4, g, 4, 4), "same memory");
    refused(() -> average.applyAlong(s, W, g, 4, W, 4, 4), "same memory");
    refused(() -> average.applyAlong(s, W, g, 4, D, 0, 4), "scratch is null");
    refused(() -> average.applyAlong(s, W, g, 4, D, 4, 0), "products is null");
    LayerUpdate update = new LayerUpdate(device);
    refused(
        () -> update.apply(s, W, D, 4, new LayerUpdate.Gradients(D, g, 4), null, 4), "same memory");
    Count k = Count.of(4);
    refused(
        () -> update.apply(s, W, D, 4, null, new LayerUpdate.Iterates(g, 1, k), 4), "decay 1.0");
    LayerUpdate.Gradients gradients = new LayerUpdate.Gradients(List.of(matrix(2, 3)), g, 4);
    refused(
        () -> update.apply(s, W, D, 4, gradients, new LayerUpdate.Iterates(g, 0, k), 4),
        "same memory");
  }

  @Test
  void systemsOfCoefficientsAreOfAThreadALayer() {
    Coefficients coefficients = new Coefficients(device);
    refused(
        () -> solve(coefficients, new Coefficients.Model(matrix(257, 257), 4, 8)), "257 layers");
    refused(
        () -> solve(coefficients, new Coefficients.Model(matrix(33, 33), 4, 0)),
        "1089 doubles",
        "multiple of 8");
    refused(() -> solve(coefficients, new Coefficients.Model(matrix(2, 3), 4, 0)), "square");
    refused(() -> solve(coefficients, new Coefficients.Model(matrix(2, 2), 0, 0)), "measures");
  }

  private void solve(Coefficients coefficients, Coefficients.Model model) {
    coefficients.solve(s, model, 4, 0, 4, 4, 4, 4);
  }

  @Test
  void lossesOfThreeOutputsAndRootsOfDatapoints() {
    Mixture mixture = new Mixture(device);
    refused(
        () -> mixture.evaluate(s, matrix(4, 2), matrix(4, 1), null, 1 << 20),
        "h of the mixture",
        "[4][2]",
        "[4][3]");
    refused(
        () -> mixture.evaluate(s, matrix(4, 3), matrix(4, 3), null, 1 << 20),
        "targets of the mixture",
        "[4][1]");
    refused(
        () ->
            mixture.squareRoot(
                s, matrix(4, 3), matrix(4, 1), Mixture.Curvature.LITERAL, matrix(4, 3)),
        "negative eigenvalue",
        "OUTCOME or LOGIT");
    Root root = new Root(device);
    refused(() -> root.product(s, matrix(7, 3), matrix(2, 3), matrix(2, 3), 0), "[7][3]", "K rows");
    refused(() -> root.product(s, matrix(4, 3), matrix(2, 3), null, 0), "neither");
    Matrix v = matrix(2, 3);
    refused(() -> root.product(s, matrix(4, 3), v, v, 0), "product and v are the same memory");
  }

  @Test
  void weightsAreOneColumn() {
    Weights weights = new Weights(device);
    refused(() -> weights.scale(s, matrix(4, 2), matrix(4, 3), matrix(4, 3)), "[4][2]", "[4][1]");
    refused(
        () -> weights.scale(s, matrix(4, 1), matrix(6, 3), matrix(6, 3)), "4 weights for 6 rows");
    Matrix X = matrix(4, 3);
    Matrix other = Matrix.wrap(X.pointer(), 4, 3, 5);
    refused(() -> weights.scaleByRoot(s, matrix(4, 1), X, other), "in place", "5", "3");
    Matrix apart = Matrix.wrap(1 << 30, 4, 1, 2);
    refused(() -> weights.relative(s, matrix(4, 1), apart), "side by side");
  }
}
