package dev.krongauss.bench.kernels;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Solver;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * The library call that does the work of a kernel case at the same size, on operands of its own:
 * for a product with an epilogue, the product alone.
 */
final class Rival implements AutoCloseable {
  /** Orders of the autoencoder's factors: Q of every layer, then G. */
  static final List<Integer> FACTORS =
      List.of(785, 1001, 501, 251, 31, 251, 501, 1001, 1000, 500, 250, 30, 250, 500, 1000, 784);

  private static final Pattern PRODUCT =
      Pattern.compile("matmul(?:_tensor)?/(?:.*-)?([nt])([nt])(?:[-_].*)?");

  private final String name;
  private final Arena arena;
  private final Stream stream;
  private final SplittableRandom random = new SplittableRandom(1);
  private final List<Runnable> restores = new ArrayList<>();
  private final List<Runnable> launches = new ArrayList<>();
  private final List<Matrix> operands = new ArrayList<>();
  private final List<Matrix> results = new ArrayList<>();

  private Rival(Device device, String name) {
    this.name = name;
    arena = device.newArena(name);
    stream = device.stream();
  }

  /** The rival of a case, where there is one and its library has loaded; the caller closes it. */
  static Optional<Rival> of(Device device, String kernelCase, Size size) {
    Set<String> names = size.names();
    Optional<Blas> blas = device.blas();
    Optional<Solver> solver = device.solver();
    if (kernelCase.startsWith("matmul") && names.equals(Set.of("M", "N", "K"))) {
      return blas.flatMap(b -> product(device, b, kernelCase, size));
    }
    if (kernelCase.startsWith("gram/") && names.equals(Set.of("M", "d"))) {
      // The case's two layers.
      List<Integer> widths = List.of(size.get("d"), size.get("d") + 1);
      return blas.map(b -> gram(device, b, size.get("M"), widths));
    }
    if (kernelCase.startsWith("solve/") && names.equals(Set.of("n", "m"))) {
      return blas.map(b -> symmetric(device, b, size.get("n"), size.get("m")));
    }
    boolean factorise = kernelCase.contains("factorise");
    boolean invert = kernelCase.contains("invert");
    if (kernelCase.startsWith("cholesky/") && names.equals(Set.of("n")) && (factorise || invert)) {
      return solver.map(s -> factorise(device, s, List.of(size.get("n")), factorise, invert));
    }
    return Optional.empty();
  }

  /** All Gram products of a KFRA update of the autoencoder, matrix by matrix. */
  static Optional<Rival> factorGrams(Device device, int batch) {
    return device.blas().map(b -> gram(device, b, batch, FACTORS));
  }

  /** The operands of {@link #factorise} for these orders, the same bits, and no call. */
  static Rival factors(Device device, List<Integer> orders) {
    Rival rival = new Rival(device, "factors");
    orders.forEach(n -> rival.operands.add(rival.positiveDefinite(n)));
    return rival;
  }

  String name() {
    return name;
  }

  /** Of a factorisation: the symmetric positive definite matrices. */
  List<Matrix> operands() {
    return operands;
  }

  /** Of a factorisation: the lower triangles of what the calls make of them. */
  List<Matrix> results() {
    return results;
  }

  void restore() {
    restores.forEach(Runnable::run);
  }

  void launch() {
    launches.forEach(Runnable::run);
  }

  @Override
  public void close() {
    arena.close();
  }

  private static Optional<Rival> product(Device device, Blas blas, String kernelCase, Size size) {
    int M = size.get("M");
    int N = size.get("N");
    int K = size.get("K");
    var plain = PRODUCT.matcher(kernelCase);
    boolean forward = kernelCase.matches("matmul(_tensor)?/forward.*");
    if (!plain.matches() && !forward && !kernelCase.matches("matmul(_tensor)?/backward.*")) {
      return Optional.empty();
    }
    boolean transposeA = plain.matches() && plain.group(1).equals("t");
    boolean transposeB = forward || plain.matches() && plain.group(2).equals("t");
    Rival rival = new Rival(device, "cublasSgemm" + (plain.matches() ? "" : ", product alone"));
    Matrix a = transposeA ? rival.random(K, M) : rival.random(M, K);
    Matrix b = transposeB ? rival.random(N, K) : rival.random(K, N);
    Matrix c = rival.arena.matrix(M, N, "C");
    rival.launches.add(() -> blas.gemm(rival.stream, transposeA, a, transposeB, b, 1, 0, c));
    return Optional.of(rival);
  }

  private static Rival gram(Device device, Blas blas, int rows, List<Integer> widths) {
    Rival rival =
        new Rival(device, "cublasSsyrk" + (widths.size() == 1 ? "" : ", " + widths.size()));
    for (int d : widths) {
      Matrix x = rival.random(rows, d);
      Matrix s = rival.arena.matrix(d, d, "S");
      rival.launches.add(() -> blas.gram(rival.stream, x, 1f / rows, 0, s));
    }
    return rival;
  }

  private static Rival symmetric(Device device, Blas blas, int n, int m) {
    Rival rival = new Rival(device, "cublasSsymm");
    Matrix s = rival.random(n, n);
    Matrix b = rival.random(n, m);
    Matrix c = rival.arena.matrix(n, m, "C");
    rival.launches.add(() -> blas.symmetricLeft(rival.stream, s, b, 1, c));
    return rival;
  }

  /** A factorisation, an inverse or both of matrices of these orders, one after the other. */
  static Rival factorise(
      Device device, Solver solver, List<Integer> orders, boolean factorise, boolean invert) {
    String calls =
        (factorise ? "cusolverDnSpotrf" : "")
            + (factorise && invert ? " + " : "")
            + (invert ? "cusolverDnSpotri" : "");
    Rival rival = new Rival(device, calls + (orders.size() == 1 ? "" : ", " + orders.size()));
    Buffer info = rival.arena.ints(1, "info");
    for (int n : orders) {
      Matrix original = rival.positiveDefinite(n);
      Matrix a = rival.arena.matrix(n, n, "A");
      rival.operands.add(original);
      rival.results.add(a);
      Buffer workspace = rival.arena.floats(solver.workspaceFloats(a), "workspace");
      if (!factorise) {
        solver.factorise(rival.stream, original, workspace, info.pointer());
      }
      rival.restores.add(() -> rival.stream.copy(original, a));
      if (factorise) {
        rival.launches.add(() -> solver.factorise(rival.stream, a, workspace, info.pointer()));
      }
      if (invert) {
        rival.launches.add(() -> solver.invert(rival.stream, a, workspace, info.pointer()));
      }
    }
    return rival;
  }

  private Matrix random(int rows, int columns) {
    Matrix matrix = arena.matrix(rows, columns, "operand");
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    matrix.upload(values, stream);
    return matrix;
  }

  /** The identity and a random symmetric matrix of norm below a half. */
  private Matrix positiveDefinite(int n) {
    Matrix matrix = arena.matrix(n, n, "A");
    float[] values = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        float value = (float) ((i == j ? 1 : 0) + (random.nextDouble() - 0.5) / n);
        values[i * n + j] = value;
        values[j * n + i] = value;
      }
    }
    matrix.upload(values, stream);
    return matrix;
  }
}
