package dev.krongauss.data;

import dev.krongauss.device.CacheFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Generated data sets, kept in {@link CacheFolder} (its sub-folder {@code data}) so that they are
 * made once: the same values as {@link Curves#train}, {@link Curves#test}, {@link Faces#train} and
 * {@link Faces#validation}, bit for bit.
 *
 * <p>A file is named after generator, version, seed and, for FACES, the checksum of the source
 * images; a checksum in it covers every bit. A file that is damaged, cut short or not what its name
 * says is reported as a warning and made anew, and a folder that cannot be written to is a warning,
 * too: the data come out all the same. Files appear whole (written beside, synced, renamed), so
 * processes may share the folder. Files of other versions go when a new one comes, and of each data
 * set the three files used last stay.
 */
public final class CachedData {
  private CachedData() {}

  /**
   * The training set of CURVES (63 MB on the disk).
   *
   * @param seed any number
   * @return as {@link Curves#train}: an autoencoder's data set [20000][784]
   */
  public static Dataset curves(long seed) {
    CacheKey key =
        new CacheKey("curves train", Curves.VERSION, seed, "", Curves.TRAIN_SIZE, Curves.WIDTH);
    return folder().get(key, () -> Curves.train(seed));
  }

  /**
   * The test set of CURVES (31 MB on the disk).
   *
   * @param seed the training set's
   * @return as {@link Curves#test}: an autoencoder's data set [10000][784]
   */
  public static Dataset curvesTest(long seed) {
    CacheKey key =
        new CacheKey("curves test", Curves.VERSION, seed, "", Curves.TEST_SIZE, Curves.WIDTH);
    return folder().get(key, () -> Curves.test(seed));
  }

  /**
   * The training set of FACES (259 MB on the disk).
   *
   * @param folder holds {@code olivetti-images-idx3-ubyte}, plain or with {@code .gz}, itself or in
   *     its sub-folder {@code faces}; it is read and checked in any case
   * @param seed any number
   * @return as {@link Faces#train}: an autoencoder's data set [103500][625]
   * @throws DataException if the file is missing or not the 400 Olivetti images
   * @throws IOException if reading it fails for another reason
   */
  public static Dataset faces(Path folder, long seed) throws IOException {
    Idx source = Faces.source(folder);
    return folder().get(facesKey(source, seed), () -> Faces.of(source, seed).train());
  }

  /**
   * The validation set of FACES (52 MB on the disk), of people who are not in the training set.
   *
   * @param folder as for {@link #faces}
   * @param seed the training set's
   * @return as {@link Faces#validation}: an autoencoder's data set [20700][625]
   * @throws DataException if the file is missing or not the 400 Olivetti images
   * @throws IOException if reading it fails for another reason
   */
  public static Dataset facesValidation(Path folder, long seed) throws IOException {
    Idx source = Faces.source(folder);
    CacheKey key =
        new CacheKey(
            "faces validation",
            Faces.VERSION,
            seed,
            sha256(source),
            Faces.VALIDATION_SIZE,
            Faces.WIDTH);
    return folder().get(key, () -> Faces.of(source, seed).validation());
  }

  static CacheKey facesKey(Idx source, long seed) {
    return new CacheKey(
        "faces train", Faces.VERSION, seed, sha256(source), Faces.TRAIN_SIZE, Faces.WIDTH);
  }

  private static DataCache folder() {
    return new DataCache(CacheFolder.path().resolve("data"));
  }

  /** Of the unpacked values: packing the same images another way makes no difference. */
  private static String sha256(Idx source) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(source.bytes());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM has no SHA-256, which every JVM must have", e);
    }
  }
}
