/**
 * Tiles of a product: the Java side of {@code kernels/tile.cuh} and {@code kernels/tensor.cuh}.
 *
 * <p>Public for the launchers in {@link dev.krongauss.kernel} and the packages beside this one
 * alone; no part of the API, and free to change. Below this package is {@code device} only.
 */
package dev.krongauss.kernel.tile;
