package dev.krongauss.table;

import dev.krongauss.data.DataException;
import dev.krongauss.data.Packed;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;

/** The bytes and characters of a text file: unpacked, without its byte order mark, strict UTF-8. */
final class CsvFile {
  private static final int[] GZIP = {0x1f, 0x8b};
  private static final int[] UTF_8_MARK = {0xef, 0xbb, 0xbf};

  /** Bytes that are looked at. */
  private static final int START = 512;

  private CsvFile() {}

  /** The bytes behind a byte order mark. */
  static InputStream bytes(Path file, String what) throws IOException {
    PushbackInputStream in = new PushbackInputStream(Packed.open(file, what), START);
    try {
      byte[] start = in.readNBytes(START);
      if (begins(start, 0xff, 0xfe) || begins(start, 0xfe, 0xff)) {
        throw Say.problem(
            "%s is UTF-16, and UTF-8 is read; convert it, as with iconv -f UTF-16 -t UTF-8", file);
      }
      FileKind.requireText(file, new String(start, StandardCharsets.ISO_8859_1));
      int mark = begins(start, UTF_8_MARK) ? UTF_8_MARK.length : 0;
      in.unread(start, mark, start.length - mark);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Whether the bytes of the file are not those of its text. */
  static boolean isPacked(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return begins(in.readNBytes(GZIP.length), GZIP);
    }
  }

  /** The characters; what is not UTF-8 is an error, not a replacement. */
  static Reader characters(Path file, String what) throws IOException {
    return decoded(bytes(file, what));
  }

  /** The bytes behind a byte order mark, with as little between as possible if it is not packed. */
  static InputStream rawBytes(Path file, String what) throws IOException {
    return isPacked(file) ? bytes(file, what) : channel(file, 0);
  }

  private static InputStream channel(Path file, long offset) throws IOException {
    FileChannel channel = FileChannel.open(file);
    try {
      ByteBuffer start = ByteBuffer.allocate(UTF_8_MARK.length);
      channel.read(start, 0);
      long mark = begins(start.array(), UTF_8_MARK) ? UTF_8_MARK.length : 0;
      channel.position(mark + offset);
      return Channels.newInputStream(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The characters of a part of a file that is not packed. */
  static Reader characters(Path file, Segment segment) throws IOException {
    return decoded(new Bounded(channel(file, segment.offset()), segment.length()));
  }

  /** A stream up to a number of bytes. */
  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long length) {
      super(in);
      left = length;
    }

    @Override
    public int read() throws IOException {
      int value = left > 0 ? super.read() : -1;
      left -= value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = super.read(into, offset, (int) Math.min(length, left));
      left -= Math.max(count, 0);
      return count;
    }
  }

  private static Reader decoded(InputStream in) {
    return new InputStreamReader(
        in,
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  /**
   * What a failure of reading means.
   *
   * @param line near which it happened; 0: not known
   */
  static IOException explained(Path file, IOException e, long line) {
    String place = line > 0 ? Say.text(" behind line %,d", line) : "";
    if (e instanceof CharacterCodingException) {
      return new DataException(
          Say.text(
              "%s is not UTF-8%s; convert it, as with iconv -f ISO-8859-1 -t UTF-8", file, place),
          e);
    }
    if (e instanceof EOFException) {
      return new DataException(
          Say.text("%s is cut short%s: its gzip stream ends early; fetch it again", file, place),
          e);
    }
    if (e instanceof ZipException) {
      return new DataException(
          Say.text(
              "%s is damaged%s: gzip reports \"%s\"; fetch it again", file, place, e.getMessage()),
          e);
    }
    return e;
  }

  private static boolean begins(byte[] start, int... wanted) {
    if (start.length < wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if ((start[i] & 0xff) != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
