package dev.krongauss.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A gzip stream that reaches to the end of its file: bytes behind it are an error. */
final class WholeGzip extends GZIPInputStream {
  /** Check sum and length (RFC 1952). */
  private static final int TRAILER = 8;

  private final Counted counted;
  private final long size;

  /** Bytes of the file that were there when the inflater took its last ones. */
  private long filled;

  /**
   * @param size of the packed file in bytes
   */
  WholeGzip(InputStream in, int buffer, long size) throws IOException {
    this(new Counted(in), buffer, size);
  }

  private WholeGzip(Counted in, int buffer, long size) throws IOException {
    super(in, buffer);
    counted = in;
    this.size = size;
  }

  @Override
  protected void fill() throws IOException {
    super.fill();
    filled = counted.count;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int count = super.read(into, offset, length);
    long end = filled - inf.getRemaining() + TRAILER;
    if (count < 0 && end < size) {
      throw new ZipException(
          String.format(Locale.ROOT, "%,d bytes behind the gzip stream", size - end));
    }
    return count;
  }

  /** Counts what is read. */
  private static final class Counted extends FilterInputStream {
    private long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      count += Math.max(read, 0);
      return read;
    }
  }
}
