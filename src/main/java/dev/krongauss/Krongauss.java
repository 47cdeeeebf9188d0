package dev.krongauss;

/** The library's version, for logs and result files. */
public final class Krongauss {
  private Krongauss() {}

  /** Version from the jar's manifest, or {@code "unpackaged"} when run from class files. */
  public static String version() {
    String version = Krongauss.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
