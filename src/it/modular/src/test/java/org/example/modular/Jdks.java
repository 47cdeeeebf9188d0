package org.example.modular;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JDKs of this machine. */
final class Jdks {
  private static final List<String> FOLDERS =
      List.of(
          "/usr/lib/jvm",
          "/opt",
          "/opt/java",
          System.getProperty("user.home") + "/.sdkman/candidates/java",
          System.getProperty("user.home") + "/.jdks");

  private static final Pattern VERSION = Pattern.compile("^\"?(?:1\\.)?(\\d+)");

  private Jdks() {}

  /**
   * The wanted feature versions that are found, and this JVM's; those that are not are named on
   * standard output.
   *
   * @param wanted {@code 17,21,25}
   */
  static Map<Integer, Path> find(String wanted) throws IOException {
    Map<Integer, Path> installed = installed();
    Map<Integer, Path> found = new TreeMap<>();
    for (String word : wanted.split(",")) {
      int version = Integer.parseInt(word.trim());
      Path home = installed.get(version);
      if (home == null) {
        System.out.printf(
            "JDK %d: NOT FOUND in %s: NOT RUN; KRONGAUSS_JDKS=FOLDER:FOLDER names others%n",
            version, FOLDERS);
      } else {
        found.put(version, home);
      }
    }
    found.put(Runtime.version().feature(), Path.of(System.getProperty("java.home")));
    return found;
  }

  private static Map<Integer, Path> installed() throws IOException {
    Set<Path> homes = new LinkedHashSet<>();
    for (String named : System.getenv().getOrDefault("KRONGAUSS_JDKS", "").split(":")) {
      homes.add(Path.of(named));
    }
    for (String folder : FOLDERS) {
      homes.addAll(within(Path.of(folder)));
    }
    Map<Integer, Path> installed = new TreeMap<>();
    for (Path home : homes) {
      int version = version(home);
      if (version > 0) {
        installed.putIfAbsent(version, home);
      }
    }
    return installed;
  }

  private static List<Path> within(Path folder) throws IOException {
    List<Path> homes = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
        entries.forEach(homes::add);
      }
    }
    return homes;
  }

  /** Of the file that each JDK has, 1.8.0_392 being 8; 0 for a folder that is none. */
  private static int version(Path home) throws IOException {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
      return 0;
    }
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(release)) {
      properties.load(reader);
    }
    Matcher version = VERSION.matcher(properties.getProperty("JAVA_VERSION", ""));
    return version.find() ? Integer.parseInt(version.group(1)) : 0;
  }
}
