package dev.krongauss.device;

/**
 * SoftCUDA's libraries and the probe, which lie in a jar of their own, the classifier {@value
 * #CLASSIFIER}: whoever runs on GPUs alone may leave it out.
 */
final class NativeFiles {
  private static final String CLASSIFIER = "natives-linux-x86_64";
  private static final String FOLDER = "/dev/krongauss/native/linux-x86_64/";

  private NativeFiles() {}

  /** Whether the jar is there: by the smallest file in it. */
  static boolean present() {
    return tryRead(Probe.PROGRAM) != null;
  }

  /**
   * The bytes of a file.
   *
   * @throws DeviceException if it is not there; the message names the artefact
   */
  static byte[] read(String file) {
    byte[] bytes = tryRead(file);
    if (bytes == null) {
      throw new DeviceException(
          file + " of SoftCUDA is on neither the class path nor the module path.\n" + toDo());
    }
    return bytes;
  }

  /** The bytes of a file, or null if it is not there. */
  static byte[] tryRead(String file) {
    return Resources.tryRead(FOLDER + file);
  }

  /** What to do where the jar is wanted and missing. */
  static String toDo() {
    return "  What to do: add "
        + artefact()
        + " to the program's run-time dependencies (in Maven a second <dependency> with"
        + " <classifier>"
        + CLASSIFIER
        + "</classifier> and <scope>runtime</scope>; from a checkout: mvn generate-resources).";
  }

  /**
   * group:artefact:version:classifier; of class files that lie in no jar the version is not known.
   */
  static String artefact() {
    Package here = NativeFiles.class.getPackage();
    java.lang.Module module = NativeFiles.class.getModule();
    String version = here.getImplementationVersion();
    if (version == null && module.isNamed()) {
      version = module.getDescriptor().rawVersion().orElse(null);
    }
    return "dev.krongauss:krongauss:" + (version == null ? "VERSION" : version) + ":" + CLASSIFIER;
  }
}
