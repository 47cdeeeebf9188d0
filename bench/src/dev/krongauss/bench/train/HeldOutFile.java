package dev.krongauss.bench.train;

import dev.krongauss.bench.Commands;
import dev.krongauss.io.WholeFile;
import dev.krongauss.table.Tabular;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine;

/**
 * The rows held out, byte for byte as they stand in the table's file, behind its header. Records
 * end at a line end outside of quotes; empty lines are none.
 */
final class HeldOutFile {
  private HeldOutFile() {}

  /**
   * Writes {@code --save-holdout}.
   *
   * @throws CommandLine.ParameterException if no row is held out, or the table is no text
   * @throws IOException if a file cannot be read or written
   */
  static void write(CommandLine command, TrainOptions options, Tabular table, PrintStream out)
      throws IOException {
    Commands.require(
        command,
        table.heldOut().isPresent(),
        "--save-holdout %s: no row is held out; give --holdout 0.2",
        options.saveHoldout);
    Path data = options.table.file().orElse(null);
    Commands.require(
        command,
        data != null,
        "--save-holdout %s: rows of arrays and images are not text; leave it out",
        options.saveHoldout);
    int[] rows = table.heldOutRows();
    long all = rows.length + (long) table.trainingRows().length;
    WholeFile.replace(
        options.saveHoldout, channel -> copy(data, table.plan().named(), rows, all, channel));
    out.printf(Locale.ROOT, "held-out rows: %,d in %s%n", rows.length, options.saveHoldout);
  }

  private static void copy(Path data, boolean header, int[] rows, long all, FileChannel channel)
      throws IOException {
    try (InputStream in = open(data)) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
      Records records = new Records(in);
      long row = header ? -1 : 0;
      byte[] record;
      while ((record = records.next()) != null) {
        if (row < 0 || Arrays.binarySearch(rows, Math.toIntExact(row)) >= 0) {
          out.write(record);
        }
        row++;
      }
      if (row != all) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s has %,d records to this command and %,d rows to training; leave --save-holdout"
                    + " out",
                data,
                row,
                all));
      }
      out.flush();
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    in.mark(2);
    boolean packed = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return packed ? new GZIPInputStream(in, 1 << 16) : in;
  }
}
