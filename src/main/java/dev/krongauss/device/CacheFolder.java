package dev.krongauss.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the library keeps what it can make again: unpacked native libraries, generated data. */
public final class CacheFolder {
  private CacheFolder() {}

  /**
   * The folder that the system property {@code krongauss.cache} names; else {@code
   * ~/.cache/krongauss}; where that cannot be written to, one of this user's within {@code
   * java.io.tmpdir}.
   *
   * @return the folder, which may not exist yet
   */
  public static Path path() {
    String chosen = System.getProperty("krongauss.cache");
    if (chosen != null) {
      return Path.of(chosen);
    }
    Path home = Path.of(System.getProperty("user.home", ""), ".cache", "krongauss");
    try {
      Files.createDirectories(home);
      if (Files.isWritable(home)) {
        return home;
      }
    } catch (IOException e) {
      // An unwritable home is ordinary in containers: the temporary folder serves.
    }
    return Path.of(
        System.getProperty("java.io.tmpdir"), "krongauss-" + System.getProperty("user.name"));
  }
}
