package dev.krongauss.bench.run;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** JSON results for people and programs: indented, what is not known as null. */
public final class JsonFile {
  private JsonFile() {}

  /**
   * As text that ends with its line.
   *
   * @throws IOException if a value is none of JSON's
   */
  public static String text(Map<String, Object> content) throws IOException {
    return JSON.std
            .with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES)
            .asString(content)
        + "\n";
  }

  /**
   * Replaces a file in one step, so that who is killed leaves it whole.
   *
   * @throws IOException if it cannot be written
   */
  public static void replace(Path file, Map<String, Object> content) throws IOException {
    CsvFile.replace(file, text(content));
  }
}
