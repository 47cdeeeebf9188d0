package dev.krongauss;

/** The library's version, for logs and result files. */
public final class Krongauss {
  private static final String UNPACKAGED = "unpackaged";

  private Krongauss() {}

  /**
   * Version from the jar's manifest, or from the module's descriptor where the jar is on the module
   * path, or {@code "unpackaged"} when run from class files.
   */
  public static String version() {
    String version = Krongauss.class.getPackage().getImplementationVersion();
    if (version != null) {
      return version;
    }
    Module module = Krongauss.class.getModule();
    return module.isNamed() ? module.getDescriptor().rawVersion().orElse(UNPACKAGED) : UNPACKAGED;
  }
}
