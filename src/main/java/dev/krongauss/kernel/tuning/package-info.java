/**
 * Choices that no formula asks for, each number with its reason: those that depend on the chip, one
 * class a family behind {@link dev.krongauss.kernel.tuning.Tuning}, those that the shapes make
 * alone in {@link dev.krongauss.kernel.tuning.Shapes}, and from both the tile of a product, {@link
 * dev.krongauss.kernel.tuning.TileChoice}.
 *
 * <p>Public for the launchers in {@link dev.krongauss.kernel} and for {@code kernel.operations}
 * alone; no part of the API, and free to change.
 */
package dev.krongauss.kernel.tuning;
