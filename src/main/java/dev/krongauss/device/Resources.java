package dev.krongauss.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads resources of the jar, and unpacks native libraries into a folder named after their
 * contents.
 */
final class Resources {
  private Resources() {}

  /**
   * A resource beside this package's parent: {@code kernels/gram.ptx}, {@code
   * native/linux-x86_64/…}.
   */
  static byte[] read(String path) {
    byte[] bytes = tryRead("/dev/krongauss/" + path);
    if (bytes == null) {
      throw new DeviceException(
          "resource dev/krongauss/"
              + path
              + " is not on the class path; build it with mvn generate-resources");
    }
    return bytes;
  }

  /** An image of a kernel file, and its name with the ending: {@code gram.ptx}. */
  record Image(String name, byte[] bytes) {}

  /**
   * The image of one kernel file: from the folder that the system property {@code
   * krongauss.kernels} names, where it holds one, else the jar's. For the development of kernels: a
   * changed kernel runs without a build of the jar.
   *
   * @param file the name without an ending
   * @param endings what will do, the best first; a jar built without nvcc holds no {@code .fatbin}
   * @throws DeviceException if the property names no folder, or there is no image or it cannot be
   *     read
   */
  static Image kernel(String file, List<String> endings) {
    String folder = System.getProperty("krongauss.kernels");
    if (folder != null) {
      Image own = own(Path.of(folder), file, endings);
      if (own != null) {
        return own;
      }
    }
    for (String ending : endings) {
      byte[] bytes = tryRead("/dev/krongauss/kernels/" + file + ending);
      if (bytes != null) {
        return new Image(file + ending, bytes);
      }
    }
    throw new DeviceException(
        "resource dev/krongauss/kernels/"
            + file
            + String.join(" or ", endings)
            + " is not on the class path; build it with mvn generate-resources");
  }

  private static Image own(Path folder, String file, List<String> endings) {
    if (!Files.isDirectory(folder)) {
      throw new DeviceException(
          "krongauss.kernels is '"
              + folder
              + "', which is no folder; it must be one with kernel images such as gram.ptx (kernels/build FOLDER"
              + " fills one), or not be set");
    }
    for (String ending : endings) {
      Path image = folder.resolve(file + ending);
      try {
        if (Files.exists(image)) {
          return new Image(file + ending, Files.readAllBytes(image));
        }
      } catch (IOException e) {
        throw new DeviceException("reading " + image + " (krongauss.kernels) failed: " + e, e);
      }
    }
    return null;
  }

  /** The bytes of an absolute class-path resource, or null if there is none. */
  static byte[] tryRead(String absolute) {
    try (InputStream in = Resources.class.getResourceAsStream(absolute)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new DeviceException("reading resource " + absolute + " failed: " + e.getMessage(), e);
    }
  }

  /**
   * Writes files into one folder whose name is the hash of their names and contents, so that JVMs
   * of the same version share it and those of different versions never meet. Each file appears
   * whole (rename).
   */
  static Path unpack(Map<String, byte[]> files) {
    Path folder = CacheFolder.path().resolve(hash(files));
    try {
      Files.createDirectories(folder);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Path target = folder.resolve(file.getKey());
        if (Files.exists(target) && Files.size(target) == file.getValue().length) {
          continue;
        }
        Path temporary = Files.createTempFile(folder, file.getKey(), ".part");
        Files.write(temporary, file.getValue());
        if (!temporary.toFile().setExecutable(true, false)
            || !temporary.toFile().setReadable(true, false)) {
          throw new DeviceException(
              temporary + " could not be made executable; set -Dkrongauss.cache to another folder");
        }
        move(temporary, target);
      }
      return folder;
    } catch (IOException e) {
      throw new DeviceException(
          "unpacking native libraries into "
              + folder
              + " failed: "
              + e
              + "; set -Dkrongauss.cache to a writable folder",
          e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static String hash(Map<String, byte[]> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
        digest.update(file.getKey().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        digest.update(file.getValue());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new DeviceException("this JVM has no SHA-256", e);
    }
  }
}
