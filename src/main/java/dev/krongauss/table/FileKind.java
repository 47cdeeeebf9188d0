package dev.krongauss.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files that are no texts, told by their first bytes (as file formats define them). */
final class FileKind {
  private static final Map<String, String> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put(
        "PK\003\004", "a zip archive, as .zip, .npz and .xlsx files are; take out the one file");
    KINDS.put("\037\213", "gzipped twice; unpack it once");
    KINDS.put("BZh", "packed by bzip2; unpack it, or pack it with gzip");
    KINDS.put("\3757zXZ", "packed by xz; unpack it, or pack it with gzip");
    KINDS.put("(\265/\375", "packed by zstd; unpack it, or pack it with gzip");
    KINDS.put("PAR1", "a Parquet file; write it as CSV");
    KINDS.put("\211HDF", "an HDF5 file; write the arrays as .npy");
    KINDS.put("\223NUMPY", "a .npy file; give inputs and targets as two files");
  }

  private FileKind() {}

  /**
   * Refuses what is no text.
   *
   * @param start unpacked bytes, one a character
   */
  static void requireText(Path file, String start) throws IOException {
    requireUnknown(file, start);
    int zero = start.indexOf(0);
    if (zero >= 0) {
      throw Say.problem(
          "%s has a zero byte at %,d, so that it is no text; give a CSV or libsvm file in UTF-8",
          file, zero);
    }
  }

  /** Refuses the kinds that are known here. */
  static void requireUnknown(Path file, String start) throws IOException {
    for (Map.Entry<String, String> kind : KINDS.entrySet()) {
      if (start.startsWith(kind.getKey())) {
        throw Say.problem("%s is %s", file, kind.getValue());
      }
    }
  }
}
