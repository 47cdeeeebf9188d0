package dev.krongauss.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** What the values of an IDX file are; all big-endian. */
public enum IdxType {
  /** 0 to 255, as images have them. */
  UNSIGNED_BYTE(0x08, 1),
  /** -128 to 127. */
  SIGNED_BYTE(0x09, 1),
  /** 16 bits, signed. */
  SHORT(0x0b, 2),
  /** 32 bits, signed. */
  INT(0x0c, 4),
  /** 32 bits, IEEE 754. */
  FLOAT(0x0d, 4),
  /** 64 bits, IEEE 754. */
  DOUBLE(0x0e, 8);

  private final int code;
  private final int bytes;

  IdxType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The type of a file that begins with these four bytes. */
  static IdxType of(Path file, byte[] magic) throws DataException {
    if (magic[0] == 0 && magic[1] == 0 && magic[3] != 0) {
      for (IdxType type : values()) {
        if (type.code == magic[2]) {
          return type;
        }
      }
    }
    throw new DataException(
        ("%s begins with %02x %02x %02x %02x, but an IDX file begins with 00 00, a type (08, 09, 0b,"
                + " 0c, 0d or 0e) and the number of dimensions (at least 1); is it another file, or"
                + " packed with something other than gzip?")
            .formatted(file, magic[0], magic[1], magic[2], magic[3]));
  }

  /** The byte that stands for it in a file. */
  int code() {
    return code;
  }

  /**
   * Bytes a value takes in the file.
   *
   * @return 1, 2, 4 or 8
   */
  public int bytes() {
    return bytes;
  }

  /** The value that begins at a byte. */
  double value(ByteBuffer from, int at) {
    return switch (this) {
      case UNSIGNED_BYTE -> from.get(at) & 0xff;
      case SIGNED_BYTE -> from.get(at);
      case SHORT -> from.getShort(at);
      case INT -> from.getInt(at);
      case FLOAT -> from.getFloat(at);
      case DOUBLE -> from.getDouble(at);
    };
  }
}
