/**
 * What a comparison leaves and is told by: its folder ({@link dev.krongauss.bench.run.RunFolder},
 * with {@link dev.krongauss.bench.run.RunConfig} for {@code config.json} and {@link
 * dev.krongauss.bench.run.RunLock} against a second writer), the same read again ({@link
 * dev.krongauss.bench.run.RecordedRun}, whose {@link dev.krongauss.bench.run.SummaryRow}s say how
 * each run ended), its {@link dev.krongauss.bench.run.Results} with the {@link
 * dev.krongauss.bench.run.Conditions} they hold for, and the table at the end ({@link
 * dev.krongauss.bench.run.SummaryTable}). Who only reads a run folder needs no other room.
 *
 * <p>Sees {@code page}, {@code update}, {@code peers}, {@code problem} and the package {@code
 * dev.krongauss.bench}.
 */
package dev.krongauss.bench.run;
