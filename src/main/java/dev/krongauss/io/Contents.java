package dev.krongauss.io;

import dev.krongauss.device.Stream;
import java.io.IOException;

/** What a tensor of a file is written of. */
@FunctionalInterface
interface Contents {
  /** What is done with some of the words, in the file's order. */
  @FunctionalInterface
  interface Each {
    void take(float[] words) throws IOException;
  }

  /** Hands over all words, a part at a time; waits for the stream. */
  void forEach(Stream stream, Each each) throws IOException;

  /** The words as the device has them. */
  static Contents of(Parts.Whole whole) {
    return (stream, each) -> whole.forEach(part -> each.take(part.download(stream)));
  }
}
