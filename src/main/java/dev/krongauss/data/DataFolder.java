package dev.krongauss.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds a data file in the folder given, or in its sub-folder of a known name.
 *
 * <p>Archivers, browsers and other libraries leave files under names of their own: {@code
 * train-images.idx3-ubyte}, in capitals, in a folder of the file's own name, or in {@code raw}. A
 * name that differs in separators and capitals alone is the file's; what it holds is checked by
 * whoever reads it.
 */
final class DataFolder {
  private static final int SHOWN = 8;
  private static final Set<String> ARCHIVES =
      Set.of("zip", "7z", "rar", "tar", "tgz", "xz", "bz2", "zst", "z", "lz4");

  private DataFolder() {}

  /**
   * The first existing of {@code folder/name.gz}, {@code folder/name}, {@code folder/sub/name.gz}
   * and {@code folder/sub/name}; else the first file there, in {@code raw}, or in a folder named
   * like it, whose name is the same but for separators and capitals.
   *
   * @throws DataException if none exists; the message lists what was looked for, and what lies
   *     there that could be meant
   * @throws IOException if a folder cannot be read
   */
  static Path find(Path folder, String sub, String name) throws IOException {
    List<Path> tried = new ArrayList<>();
    for (Path place : List.of(folder, folder.resolve(sub))) {
      tried.add(place.resolve(name + ".gz"));
      tried.add(place.resolve(name));
    }
    for (Path file : tried) {
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    List<Path> places = places(folder, sub, name);
    for (Path place : places) {
      for (Path file : entries(place)) {
        if (Files.isRegularFile(file) && isNamed(file, name)) {
          return file;
        }
      }
    }
    throw new DataException(
        ("no %s in the data folder %s (looked for %s, and for names with other separators or"
                + " capitals);%s give the folder that holds the file")
            .formatted(name, folder, tried, whatIsThere(folder, places, name)));
  }

  /** The folder, its sub-folders of the known name or {@code raw}, and those named as the file. */
  private static List<Path> places(Path folder, String sub, String name) throws IOException {
    Set<Path> places = new LinkedHashSet<>(List.of(folder));
    for (String wanted : List.of(sub, "raw", name)) {
      for (Path place : List.copyOf(places)) {
        for (Path entry : entries(place)) {
          if (Files.isDirectory(entry) && isNamed(entry, wanted)) {
            places.add(entry);
          }
        }
      }
    }
    return List.copyOf(places);
  }

  private static boolean isNamed(Path file, String name) {
    String found = letters(file.getFileName().toString());
    return found.equals(letters(name)) || found.equals(letters(name) + "gz");
  }

  /** Without separators and capitals. */
  private static String letters(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-._ ]", "");
  }

  /** Sorted; none where there is no such folder. */
  private static List<Path> entries(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  private static String whatIsThere(Path folder, List<Path> places, String name)
      throws IOException {
    List<String> alike = new ArrayList<>();
    String stem = letters(name.replaceAll("-idx.*", ""));
    for (Path place : places) {
      for (Path file : entries(place)) {
        if (letters(file.getFileName().toString()).startsWith(stem)) {
          alike.add(wayOut(file, name));
        }
      }
    }
    if (!alike.isEmpty()) {
      return " " + alike.stream().limit(SHOWN).collect(Collectors.joining("; ")) + ";";
    }
    List<Path> all = entries(folder);
    if (all.isEmpty()) {
      return " the folder is empty;";
    }
    return all.stream()
        .limit(SHOWN)
        .map(file -> file.getFileName().toString())
        .collect(
            Collectors.joining(", ", " what lies there: ", all.size() > SHOWN ? ", ... ;" : ";"));
  }

  private static String wayOut(Path file, String name) {
    String found = file.getFileName().toString();
    String ending = found.substring(found.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    if (Files.isDirectory(file)) {
      return file + " is a folder without it";
    }
    if (!Files.isRegularFile(file)) {
      return file + " leads to no file";
    }
    if (ending.equals("part") || ending.equals("crdownload")) {
      return file + " is a download that did not end: fetch it again";
    }
    return ARCHIVES.contains(ending)
        ? file + " is there: unpack it"
        : file + " is there: if it is that file, rename it to " + name;
  }
}
