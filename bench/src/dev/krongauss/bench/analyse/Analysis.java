package dev.krongauss.bench.analyse;

import dev.krongauss.device.Device;
import java.io.IOException;

/** One question and the measurement that answers it. */
interface Analysis {
  /** The heading of its part of the page. */
  String title();

  /**
   * Measures, and writes text, tables, pictures and CSV.
   *
   * @param scale 1 for the page's own size; smaller for tests
   */
  void run(Device device, Scale scale, Sheet sheet) throws IOException;
}
