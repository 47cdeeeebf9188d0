package dev.krongauss.net;

import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.PtxModule;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;

/** The kernels of a loss in CUDA on a device, and all that follows from its square roots. */
final class CudaOperations implements LossFunction.OnDevice {
  private final CudaLoss loss;
  private final int threads;
  private final PtxModule module;
  private final Function evaluate;
  private final Function squareRoot;
  private final Function sampled;
  private final Function hessianVector;
  private final SquareRoots roots;

  /**
   * @param threads of each datapoint
   */
  CudaOperations(CudaLoss loss, CudaKernels kernels, int threads, Device device) {
    this.loss = loss;
    this.threads = threads;
    module = kernels.on(device);
    evaluate = module.function(CudaKernels.EVALUATE);
    squareRoot = module.function(CudaKernels.SQUARE_ROOT);
    sampled = kernels.of(module, CudaKernels.SAMPLED_GRADIENT);
    hessianVector = kernels.of(module, CudaKernels.HESSIAN_VECTOR);
    roots = new SquareRoots(device, this::squareRoot);
  }

  @Override
  public boolean capturable() {
    return true;
  }

  @Override
  public void reserve(int N, int d, Stream stream) {
    roots.reserve(N, d, loss.rank(d), stream);
  }

  @Override
  public void evaluate(Matrix h, Matrix t, Matrix gradient, long perDatapoint, Stream stream) {
    begin(evaluate, h, stream)
        .matrix(t)
        .i32(t.stride())
        .pointer(gradient == null ? 0 : gradient.pointer())
        .i32(gradient == null ? 0 : gradient.stride())
        .pointer(perDatapoint)
        .i32(h.rows())
        .i32(h.columns())
        .launch();
  }

  @Override
  public void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream) {
    begin(squareRoot, h, stream)
        .matrix(t)
        .i32(t.stride())
        .matrix(C)
        .i32(C.stride())
        .i32(h.rows())
        .i32(h.columns())
        .i32(loss.rank(h.columns()))
        .launch();
  }

  @Override
  public void meanHessian(Matrix h, Matrix t, Matrix scratch, Matrix H, Stream stream) {
    roots.mean(h, t, loss.rank(h.columns()), H, stream);
  }

  @Override
  public void meanHessianDiagonal(
      Matrix h, Matrix t, Matrix scratch, Matrix diagonal, Stream stream) {
    roots.meanDiagonal(h, t, loss.rank(h.columns()), diagonal, stream);
  }

  @Override
  public void sampledGradient(
      Matrix h, Matrix t, long seed, long stepPointer, Matrix gradient, Stream stream) {
    if (sampled == null) {
      throw new UnsupportedOperationException(
          loss.name() + " cannot sample targets; give it a kernel " + CudaKernels.SAMPLED_GRADIENT);
    }
    begin(sampled, h, stream)
        .matrix(gradient)
        .i32(gradient.stride())
        .i32(h.rows())
        .i32(h.columns())
        .i64(seed)
        .pointer(stepPointer)
        .launch();
  }

  @Override
  public void curvatureVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
    roots.product(h, t, loss.rank(h.columns()), v, product, 0, stream);
  }

  @Override
  public void hessianVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
    if (hessianVector == null) {
      curvatureVector(h, t, v, product, stream);
      return;
    }
    begin(hessianVector, h, stream)
        .matrix(t)
        .i32(t.stride())
        .matrix(v)
        .i32(v.stride())
        .matrix(product)
        .i32(product.stride())
        .i32(h.rows())
        .i32(h.columns())
        .launch();
  }

  @Override
  public void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream) {
    roots.product(h, t, loss.rank(h.columns()), v, null, perDatapoint, stream);
  }

  @Override
  public void close() {
    roots.close();
    module.close();
  }

  private Launch begin(Function kernel, Matrix h, Stream stream) {
    long all = (long) h.rows() * threads;
    return kernel
        .on(stream)
        .grid((all + CudaLoss.BLOCK - 1) / CudaLoss.BLOCK, 1, 1)
        .block(CudaLoss.BLOCK, 1, 1)
        .matrix(h)
        .i32(h.stride());
  }
}
