/**
 * How fast tables are read: {@code bench/run dev.krongauss.bench.table.ReadSpeed FILE} beside
 * FastCSV alone on the same file.
 *
 * <p>Sees the package {@code dev.krongauss.bench} alone.
 */
package dev.krongauss.bench.table;
