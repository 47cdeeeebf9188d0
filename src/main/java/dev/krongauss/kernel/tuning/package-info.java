/**
 * What depends on the chip: which tile computes a product.
 *
 * <p>Public for the launchers in {@link dev.krongauss.kernel} and for {@code kernel.operations}
 * alone; no part of the API, and free to change.
 */
package dev.krongauss.kernel.tuning;
