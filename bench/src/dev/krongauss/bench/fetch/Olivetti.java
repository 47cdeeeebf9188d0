package dev.krongauss.bench.fetch;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** The 400 Olivetti images, from MATLAB's order into an IDX file. */
final class Olivetti {
  private static final int SIDE = 64;
  private static final int PIXELS = SIDE * SIDE;
  private static final int IMAGES = 400;
  private static final int IDX_UBYTE_3 = 0x0803;

  private Olivetti() {}

  /**
   * Reads array {@code faces}, 4096 x 400, one image a column and each image column by column, and
   * writes it as IDX, 400 x 64 x 64, row by row, gzipped.
   *
   * @throws FetchException if the file is not the Olivetti file
   * @throws IOException if reading or writing fails
   */
  static void convert(Path mat, Path idx) throws IOException {
    MatFile.ByteArray faces = MatFile.read(Files.readAllBytes(mat), "faces");
    if (!Arrays.equals(faces.sizes(), new int[] {PIXELS, IMAGES})) {
      throw new FetchException(
          "array faces has sizes %s instead of [4096, 400]"
              .formatted(Arrays.toString(faces.sizes())));
    }
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(idx))))) {
      out.writeInt(IDX_UBYTE_3);
      out.writeInt(IMAGES);
      out.writeInt(SIDE);
      out.writeInt(SIDE);
      out.write(rowByRow(faces.values()));
    }
  }

  private static byte[] rowByRow(byte[] columns) {
    byte[] rows = new byte[columns.length];
    for (int image = 0; image < IMAGES; image++) {
      for (int p = 0; p < PIXELS; p++) {
        rows[image * PIXELS + p] = columns[image * PIXELS + p % SIDE * SIDE + p / SIDE];
      }
    }
    return rows;
  }
}
