/**
 * From a file of one's own to training data: columns are looked at, described, standardised and
 * encoded, and the description is kept for later files.
 *
 * <pre>
 * file -&gt; rows -&gt; survey of each column -&gt; ColumnPlan -&gt; Dataset (training, held out)
 *                                              |
 *                       later file -&gt; RowReader -&gt; [n][inputWidth]
 * </pre>
 *
 * <p>{@link dev.krongauss.table.Tabular} begins: CSV and TSV, libsvm's text, pairs of {@code .npy}
 * or IDX files. Nothing is guessed in silence: what was found, what was left out and why is in
 * {@link dev.krongauss.table.Tabular#summary()}, and what cannot be used is an error with file,
 * line, column, value and the way out.
 *
 * <p>CSV files need FastCSV and FastDoubleParser, libsvm files the latter, {@link
 * dev.krongauss.table.ColumnPlan#toJson()} jackson-jr: optional dependencies, named by the error
 * where one is missing.
 */
package dev.krongauss.table;
