package dev.krongauss.table;

/** Libraries that only some users need, by the artefact that holds them. */
enum OptionalLibrary {
  FAST_CSV("de.siegmar.fastcsv.reader.CsvReader", "de.siegmar:fastcsv:4.4.0"),
  FAST_DOUBLE_PARSER(
      "ch.randelshofer.fastdoubleparser.JavaDoubleParser",
      "ch.randelshofer:fastdoubleparser:2.0.1"),
  JACKSON_JR(
      "com.fasterxml.jackson.jr.ob.JSON", "com.fasterxml.jackson.jr:jackson-jr-objects:2.23.0");

  private final String probe;
  private final String artefact;

  OptionalLibrary(String probe, String artefact) {
    this.probe = probe;
    this.artefact = artefact;
  }

  /**
   * Says in words what is missing, before a class that needs it is loaded.
   *
   * @param purpose what it is needed for: {@code CSV files}
   * @throws IllegalStateException if the library cannot be loaded
   */
  void require(String purpose) {
    try {
      Class.forName(probe, false, OptionalLibrary.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalStateException(
          "%s need %s, which is not on the class path; add the dependency %s"
              .formatted(purpose, probe, artefact),
          e);
    }
  }
}
