package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.net.CudaResidualSource.Part;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Residuals of your own in CUDA: two device functions, of which a {@link CudaLoss} is made. Value,
 * gradient, curvature, weights and robust losses are those of {@link Residuals}, in float.
 *
 * <p>The source has {@code OUTPUTS}, {@code TARGETS} and {@code COUNT} as constants, and defines,
 * for one datapoint,
 *
 * <pre>{@code
 * __device__ void residuals(const float* h, const float* t, float* r) {
 *   r[0] = h[0] * cosf(h[1]) - t[0];
 *   r[1] = h[0] * sinf(h[1]) - t[1];
 * }
 * __device__ void derivatives(const float* h, const float* t, float (*J)[OUTPUTS]) {
 *   J[0][0] = cosf(h[1]);
 *   J[0][1] = -h[0] * sinf(h[1]);
 *   J[1][0] = sinf(h[1]);
 *   J[1][1] = h[0] * cosf(h[1]);
 * }
 * }</pre>
 *
 * <p>r [COUNT] and J [COUNT][OUTPUTS] are zero before. Residuals of several groups stand one group
 * after the other. A thread computes a datapoint, with both arrays in its local memory: for up to
 * some tens of residuals and outputs.
 *
 * <p>Derivatives in float are too coarse for {@link Residuals#check}; write them in Java first, and
 * hold the two losses against each other. Products with the literal Hessian take the curvature for
 * it, as with every {@link CudaLoss} without {@code loss_hessian_vector}.
 *
 * <p>Immutable; each setting gives another one.
 */
public final class CudaResiduals {
  private final String name;
  private final int outputs;
  private final int targets;
  private final boolean diagonal;
  private final List<Part> parts;

  private CudaResiduals(String name, int outputs, int targets, boolean diagonal, List<Part> parts) {
    this.name = name;
    this.outputs = outputs;
    this.targets = targets;
    this.diagonal = diagonal;
    this.parts = List.copyOf(parts);
  }

  /**
   * Starts the description.
   *
   * @param name for reports and messages
   * @param outputs d, that the network has to have
   * @param targets columns of the targets
   * @throws IllegalArgumentException unless both are at least 1
   */
  public static CudaResiduals named(String name, int outputs, int targets) {
    Check.that(
        outputs >= 1 && targets >= 1,
        "residuals '%s' of %d outputs and %d targets; at least 1 of each is needed",
        name,
        outputs,
        targets);
    return new CudaResiduals(
        Objects.requireNonNull(name, "name"), outputs, targets, false, List.of());
  }

  /**
   * One more group of residuals, behind those before; weight and robust loss that follow are its.
   *
   * @throws IllegalArgumentException unless there is at least one
   */
  public CudaResiduals group(int count) {
    Check.that(count >= 1, "a group of %d residuals '%s'; at least 1 is needed", count, name);
    List<Part> more = new ArrayList<>(parts);
    more.add(new Part(count, 1, Rho.LINEAR, 1));
    return with(more);
  }

  /**
   * Weight of the last group; 1 by default.
   *
   * @throws IllegalArgumentException unless it is positive and of float's range, or if there is no
   *     group
   */
  public CudaResiduals weight(double weight) {
    Check.that(
        weight > 0 && Double.isFinite(weight),
        "weight %s of residuals '%s'; weights are positive and finite",
        weight,
        name);
    Part last = last();
    return replaced(new Part(last.count(), weight, last.rho(), last.scale()));
  }

  /**
   * As {@link Residuals#huber}, of the last group.
   *
   * @throws IllegalArgumentException unless it is positive and of float's range, or if there is no
   *     group
   */
  public CudaResiduals huber(double delta) {
    return rho(Rho.HUBER, delta);
  }

  /**
   * As {@link Residuals#softL1}, of the last group.
   *
   * @throws IllegalArgumentException unless c is positive and of float's range, or if there is no
   *     group
   */
  public CudaResiduals softL1(double c) {
    return rho(Rho.SOFT_L1, c);
  }

  /**
   * As {@link Residuals#cauchy}, of the last group.
   *
   * @throws IllegalArgumentException unless c is positive and of float's range, or if there is no
   *     group
   */
  public CudaResiduals cauchy(double c) {
    return rho(Rho.CAUCHY, c);
  }

  /**
   * As {@link Residuals#arctan}, of the last group.
   *
   * @throws IllegalArgumentException unless c is positive and of float's range, or if there is no
   *     group
   */
  public CudaResiduals arctan(double c) {
    return rho(Rho.ARCTAN, c);
  }

  /** Says that each residual depends on one output alone, as {@link CudaLoss.Builder}'s. */
  public CudaResiduals diagonalHessian() {
    return new CudaResiduals(name, outputs, targets, true, parts);
  }

  /**
   * The loss from CUDA source, compiled here and now.
   *
   * @throws IllegalArgumentException if there is no group, or the compiler refuses the source, with
   *     what it says
   * @throws dev.krongauss.device.DeviceException if there is no nvcc; {@link #cuda} gives the text
   *     to compile elsewhere
   */
  public CudaLoss source(String text) {
    return settings().source(cuda(text));
  }

  /**
   * The loss from a file with CUDA source; what it includes is looked for beside it.
   *
   * @throws IllegalArgumentException as {@link #source(String)}, or if there is no such file
   * @throws dev.krongauss.device.DeviceException as {@link #source(String)}
   */
  public CudaLoss source(Path file) {
    CudaLoss.Builder settings = settings();
    String text = cuda(settings.read(file));
    return settings.ptx(CudaSource.compile(name, text, file.toAbsolutePath().getParent()));
  }

  /**
   * The loss from PTX that was made of {@link #cuda}'s text by nvcc, with the same settings.
   *
   * @throws IllegalArgumentException as {@link CudaLoss.Builder#ptx(String)}
   */
  public CudaLoss ptx(String text) {
    return settings().ptx(text);
  }

  /**
   * The whole source of the loss, with the kernels around the two functions, for nvcc elsewhere.
   *
   * @throws IllegalArgumentException if there is no group
   */
  public String cuda(String text) {
    last();
    return CudaResidualSource.text(text, outputs, targets, parts);
  }

  private CudaLoss.Builder settings() {
    last();
    int count = parts.stream().mapToInt(Part::count).sum();
    CudaLoss.Builder settings = CudaLoss.named(name).outputs(outputs).targets(targets).rank(count);
    return diagonal ? settings.diagonalHessian() : settings;
  }

  private CudaResiduals rho(Rho rho, double scale) {
    Check.that(
        scale > 0 && Double.isFinite(scale),
        "%s with scale %s for residuals '%s'; it is the size from which a residual counts as an outlier, positive and finite",
        rho,
        scale,
        name);
    return replaced(new Part(last().count(), last().weight(), rho, scale));
  }

  private Part last() {
    Check.that(
        !parts.isEmpty(), "residuals '%s' have no group; say .group(count) of them first", name);
    return parts.get(parts.size() - 1);
  }

  private CudaResiduals replaced(Part last) {
    List<Part> changed = new ArrayList<>(parts);
    changed.set(changed.size() - 1, last);
    return with(changed);
  }

  private CudaResiduals with(List<Part> changed) {
    return new CudaResiduals(name, outputs, targets, diagonal, changed);
  }
}
