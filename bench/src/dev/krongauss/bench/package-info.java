/**
 * The benchmarks' door: what all commands share, and nothing that belongs to one. {@link
 * dev.krongauss.bench.Commands} says what went wrong in one message ({@link
 * dev.krongauss.bench.Explained} marks exceptions that have such a one), {@link
 * dev.krongauss.bench.LowerCaseEnum} reads the values of an option, {@link
 * dev.krongauss.bench.ProgressLine} shows progress, {@link dev.krongauss.bench.DampedSolution} is
 * an exact step outside of an optimiser.
 *
 * <p>Each room has a package, and imports go one way, down; {@code BenchArchitectureTest} holds it:
 *
 * <ul>
 *   <li>{@code kit}: all of it on a GPU machine, from {@code bench/gpu}
 *   <li>{@code compare}: {@code bench/compare}
 *   <li>{@code kernels}: {@code bench/kernels}, {@code bench/jmh}; {@code analyse}: {@code
 *       bench/analyse}
 *   <li>{@code run}: a run folder, written and read
 *   <li>{@code page}: curves, pictures, pages
 *   <li>{@code report}, {@code site}: {@code bench/report}, {@code bench/site}
 *   <li>{@code update}: {@code bench/phases}, {@code bench/settings}
 *   <li>{@code peers}: the same training in other frameworks; {@code process}: processes started
 *   <li>{@code problem}: what is trained and by what
 *   <li>{@code train}, {@code predict}: {@code bench/train}, {@code bench/predict}
 *   <li>{@code fetch}, {@code inspect}: {@code bench/fetch}, {@code bench/inspect}, each by itself
 * </ul>
 *
 * <p>This package imports none of them.
 */
package dev.krongauss.bench;
