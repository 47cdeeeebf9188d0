package dev.krongauss.kernel;

import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/**
 * The split of the damping between the two factors of a layer ({@code kernels/trace_damping.cu}).
 */
public final class TraceDamping {
  private final Function damping;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public TraceDamping(Device device) {
    damping = device.function("trace_damping", "trace_damping_f32");
  }

  /**
   * ω = sqrt((tr Q / dim Q) / (tr G / dim G)); out = (ω γ, γ / ω, ω). If a trace is not positive
   * and finite, ω = 1: a dead layer is damped, an unusable factor is left for the factorisation to
   * report.
   *
   * @param Q activation factor, square; only its diagonal is read
   * @param G curvature factor, square; only its diagonal is read
   * @param gammaPointer device address of γ, one float
   * @param out device address of three floats
   * @throws IllegalArgumentException if a factor is not square or an address is missing
   */
  public void damping(Stream s, Matrix Q, Matrix G, long gammaPointer, long out) {
    int q = Tiles.square(Q, "Q");
    int g = Tiles.square(G, "G");
    Elements.address(gammaPointer, "gamma");
    Elements.address(out, "the dampings");
    damping
        .on(s)
        .grid(1, 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(Q)
        .i32(Q.stride())
        .i32(q)
        .matrix(G)
        .i32(G.stride())
        .i32(g)
        .pointer(gammaPointer)
        .pointer(out)
        .launch();
  }
}
