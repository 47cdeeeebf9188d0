/**
 * What is shown: a {@link dev.krongauss.bench.page.Curve} a run, {@link
 * dev.krongauss.bench.page.Picture}s of curves where Java can draw ({@link
 * dev.krongauss.bench.page.Drawing}), and a comparison as one {@link dev.krongauss.bench.page.Page}
 * of {@link dev.krongauss.bench.page.Html}. All that it shows is handed to it finished, claims
 * ({@link dev.krongauss.bench.page.Claim}) included: it reads no file and judges nothing.
 *
 * <p>Sees {@code update}, {@code peers}, {@code problem} and the package {@code
 * dev.krongauss.bench}.
 */
package dev.krongauss.bench.page;
