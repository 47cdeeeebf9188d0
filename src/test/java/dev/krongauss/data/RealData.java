package dev.krongauss.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder with the real data files: system property or environment variable {@code
 * KRONGAUSS_DATA}.
 */
public final class RealData {
  private RealData() {}

  /** The folder; where it, or the file in it, is missing, the test is skipped and says so. */
  public static Path folderWith(String file) {
    String given = System.getProperty("KRONGAUSS_DATA", System.getenv("KRONGAUSS_DATA"));
    Path folder = Path.of(given == null ? "(KRONGAUSS_DATA is not set)" : given);
    boolean there = given != null && Files.isRegularFile(folder.resolve(file));
    String message =
        "SKIPPED: no %s; set KRONGAUSS_DATA to the folder that holds it"
            .formatted(folder.resolve(file));
    if (!there) {
      System.err.println(message);
    }
    assumeTrue(there, message);
    return folder;
  }
}
