/**
 * Pages with figures, made from the folders under {@code bench/results}: {@link
 * dev.krongauss.bench.report.Report} is the command.
 *
 * <p>Sentences are written by hand in texts named {@code *.in.md}; a figure stands there as a
 * placeholder, {@code {{value 2026-11-27-mnist kfra objective .1}}}, which {@link
 * dev.krongauss.bench.report.Template} fills in. {@link dev.krongauss.bench.report.Figures} has the
 * single figures, {@link dev.krongauss.bench.report.Tables} the tables, and {@link
 * dev.krongauss.bench.report.ResultFolder} reads a folder. A placeholder for which no folder has
 * the figure is an error that names it.
 */
package dev.krongauss.bench.report;
