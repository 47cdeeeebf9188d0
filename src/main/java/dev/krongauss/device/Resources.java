package dev.krongauss.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads resources of this jar and of others, and kernel images of a folder. */
final class Resources {
  private Resources() {}

  /** A resource beside this package's parent: {@code kernels/gram.ptx}. */
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
  record Image(String name, byte[] bytes, boolean fromFolder) {}

  /**
   * The images of one kernel file: from the folder that the system property {@code
   * krongauss.kernels} names, where it holds one, else the jar's. For the development of kernels: a
   * changed kernel runs without a build of the jar.
   *
   * @param file the name without an ending
   * @param endings what will do, the best first; a jar built without nvcc holds no {@code .fatbin}
   * @return what there is, the best first
   * @throws DeviceException if the property names no folder, or there is no image or it cannot be
   *     read
   */
  static List<Image> kernels(String file, List<String> endings) {
    String folder = System.getProperty("krongauss.kernels");
    List<Image> images = new ArrayList<>();
    if (folder != null) {
      images.addAll(own(Path.of(folder), file, endings));
    }
    if (!images.isEmpty()) {
      return images;
    }
    for (String ending : endings) {
      byte[] bytes = tryRead("/dev/krongauss/kernels/" + file + ending);
      if (bytes != null) {
        images.add(new Image(file + ending, bytes, false));
      }
    }
    if (!images.isEmpty()) {
      return images;
    }
    throw new DeviceException(
        "resource dev/krongauss/kernels/"
            + file
            + String.join(" or ", endings)
            + " is not on the class path; build it with mvn generate-resources");
  }

  private static List<Image> own(Path folder, String file, List<String> endings) {
    if (!Files.isDirectory(folder)) {
      throw new DeviceException(
          "krongauss.kernels is '"
              + folder
              + "', which is no folder; it must be one with kernel images such as gram.ptx (kernels/build FOLDER"
              + " fills one), or not be set");
    }
    List<Image> images = new ArrayList<>();
    for (String ending : endings) {
      Path image = folder.resolve(file + ending);
      try {
        if (Files.exists(image)) {
          images.add(new Image(file + ending, Files.readAllBytes(image), true));
        }
      } catch (IOException e) {
        throw new DeviceException("reading " + image + " (krongauss.kernels) failed: " + e, e);
      }
    }
    return images;
  }

  /**
   * The bytes of a resource of any jar on the class path or the module path, or null if there is
   * none.
   *
   * @param absolute with a slash in front
   */
  static byte[] tryRead(String absolute) {
    try (InputStream in = open(absolute)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new DeviceException("reading resource " + absolute + " failed: " + e.getMessage(), e);
    }
  }

  /**
   * A class of a named module finds the resources of its own module alone, its loader those of all
   * modules that run. Native libraries of others lie in modules that nothing requires: these are
   * looked for last.
   */
  private static InputStream open(String absolute) throws IOException {
    InputStream own = Resources.class.getResourceAsStream(absolute);
    if (own != null || !Resources.class.getModule().isNamed()) {
      return own;
    }
    String name = absolute.substring(1);
    InputStream loaders = Resources.class.getClassLoader().getResourceAsStream(name);
    return loaders != null ? loaders : UnresolvedModules.open(name);
  }
}
