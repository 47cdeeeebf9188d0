package dev.krongauss.bench.peers;

import de.siegmar.fastcsv.reader.NamedCsvRecord;

/**
 * An update of a peer, a row of its CSV.
 *
 * @param optimizer its name
 * @param seed of the problem
 * @param update from 1
 * @param seconds of training up to its end
 * @param objective mean loss of its batch before it
 * @param slidingMean of the last ten
 */
public record PeerRow(
    String optimizer,
    long seed,
    long update,
    double seconds,
    double objective,
    double slidingMean) {
  /** Reads a row of {@code metrics.csv}, or of a peer. */
  public static PeerRow of(NamedCsvRecord record) {
    return new PeerRow(
        record.getField("optimizer"),
        Long.parseLong(record.getField("seed")),
        Long.parseLong(record.getField("update")),
        Double.parseDouble(record.getField("seconds")),
        Double.parseDouble(record.getField("objective")),
        Double.parseDouble(record.getField("sliding_mean")));
  }
}
