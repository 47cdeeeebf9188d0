package dev.krongauss.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code native/mutation/mutants.txt}, whose head explains the form. */
final class MutantTable {
  private static final Set<String> KEYS =
      Set.of("class", "file", "find", "occurrence", "with", "cases", "sample", "quick");

  private MutantTable() {}

  static List<Mutant> read(Path table) throws IOException {
    List<Mutant> mutants = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Map<String, String> entry = new LinkedHashMap<>();
    String name = null;
    int number = 0;
    for (String line : Files.readAllLines(table)) {
      number++;
      String place = table + ":" + number + ": ";
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[") && line.strip().endsWith("]")) {
        if (name != null) {
          mutants.add(mutant(name, entry));
        }
        name = line.strip().substring(1, line.strip().length() - 1);
        entry.clear();
        require(names.add(name), place + "a second mutant is called " + name);
        continue;
      }
      String[] parts = line.strip().split("\\s+", 2);
      require(name != null && KEYS.contains(parts[0]), place + "cannot be read: " + line);
      String value = parts.length == 2 ? parts[1] : "";
      require(
          entry.put(parts[0], value) == null, place + name + " has two lines of " + parts[0]);
    }
    if (name != null) {
      mutants.add(mutant(name, entry));
    }
    return mutants;
  }

  private static Mutant mutant(String name, Map<String, String> entry) {
    for (String key : List.of("class", "file", "find", "with")) {
      require(entry.containsKey(key), name + " has no line of " + key);
    }
    require(
        entry.containsKey("cases") != entry.containsKey("sample"),
        name + " must have either cases or a sample");
    String[] occurrence = entry.getOrDefault("occurrence", "1 of 1").split(" of ");
    return new Mutant(
        name,
        entry.get("class"),
        entry.get("file"),
        entry.get("find"),
        Integer.parseInt(occurrence[0].strip()),
        Integer.parseInt(occurrence[1].strip()),
        entry.get("with"),
        entry.containsKey("cases") ? List.of(entry.get("cases").split("\\s+")) : List.of(),
        entry.getOrDefault("sample", ""),
        entry.containsKey("quick"));
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
