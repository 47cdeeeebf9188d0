/**
 * {@code bench/analyse}: the paper's statements and analyses, measured on small networks and
 * written as one page. {@link dev.krongauss.bench.analyse.Analyse} reads as the list of them; each
 * is an {@link dev.krongauss.bench.analyse.Analysis}.
 *
 * <p>Sees {@code page} and the package {@code dev.krongauss.bench}.
 */
package dev.krongauss.bench.analyse;
