package dev.krongauss.bench.fetch;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file that is wanted, and where it can be had.
 *
 * @param name within the data set's folder
 * @param checksums of the wanted file; all of them must fit
 * @param limit bytes that no download exceeds
 * @param mirrors tried in this order
 */
record DataFile(String name, List<Checksum> checksums, long limit, List<Mirror> mirrors) {
  /** What a mirror serves. */
  enum Form {
    /** The file itself. */
    AS_IS,
    /** {@code olivettifaces.mat}, which the file is made from. */
    MAT
  }

  /** A place, and what lies there. */
  record Mirror(URI uri, Form form) {}

  /** What is wrong with a file that should be this one; null: nothing. */
  String wrong(Path found) throws IOException {
    for (Checksum wanted : checksums) {
      if (!wanted.matches(found)) {
        return "%s is wanted, but it has %s".formatted(wanted, wanted.of(found));
      }
    }
    return null;
  }

  /** The same file with mirrors that are tried before its own. */
  DataFile preferring(List<Mirror> first) {
    List<Mirror> all = new ArrayList<>(first);
    all.addAll(mirrors);
    return new DataFile(name, checksums, limit, List.copyOf(all));
  }
}
