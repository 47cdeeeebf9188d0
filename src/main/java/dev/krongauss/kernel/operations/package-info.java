/**
 * Who computes: this project's kernels or cuBLAS and cuSOLVER, one launch for all layers or one a
 * layer.
 *
 * <p>The packages above take {@link dev.krongauss.kernel.operations.Operations} and what it makes:
 * {@link dev.krongauss.kernel.operations.Passes} through all layers and {@link
 * dev.krongauss.kernel.operations.Factorisation}. This package sees the launchers; no launcher sees
 * it.
 */
package dev.krongauss.kernel.operations;
