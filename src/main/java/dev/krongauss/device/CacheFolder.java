package dev.krongauss.device;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the library keeps what it can make again: unpacked native libraries, generated data.
 *
 * <p>Places are tried in this order: what the system property {@code krongauss.cache} names, taken
 * from the working folder where it is relative; {@code ~/.cache/krongauss}, where {@code user.home}
 * is a folder; one of this user's alone within {@code java.io.tmpdir}, {@code /tmp}, {@code
 * /var/tmp}, {@code XDG_RUNTIME_DIR} or {@code /dev/shm}.
 */
public final class CacheFolder {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private CacheFolder() {}

  /**
   * A place for the cache.
   *
   * @param asked what it was made of, for messages
   * @param folder absolute; null where {@code asked} is not usable
   * @param trouble why it is not usable, else null
   * @param common whether it lies where every user can make files
   */
  record Place(String asked, Path folder, String trouble, boolean common) {
    /**
     * Makes the folder where it is not there.
     *
     * @throws IOException if it cannot be made or, in a common place, is not this user's alone
     */
    Path prepare() throws IOException {
      if (trouble != null) {
        throw new IOException(trouble);
      }
      if (common) {
        prepareOwn(folder);
      } else {
        Files.createDirectories(folder);
      }
      if (!Files.isWritable(folder)) {
        throw new IOException("it cannot be written to");
      }
      return folder;
    }

    @Override
    public String toString() {
      return folder == null ? asked : folder.toString();
    }
  }

  /**
   * The folder that the system property {@code krongauss.cache} names, else the first place that
   * can be written to.
   *
   * @return the folder, absolute; it may not exist yet
   */
  public static Path path() {
    List<Place> places = places();
    if (System.getProperty("krongauss.cache") != null && places.get(0).folder() != null) {
      return places.get(0).folder();
    }
    Path fallback = null;
    for (Place place : places) {
      try {
        return place.prepare();
      } catch (IOException e) {
        // Ordinary in containers: the next place serves. Whoever writes there says what fails.
        fallback = fallback == null ? place.folder() : fallback;
      }
    }
    return fallback;
  }

  /** All places, the best first; at least one has a folder. */
  static List<Place> places() {
    List<Place> places = new ArrayList<>();
    String chosen = System.getProperty("krongauss.cache");
    if (chosen != null) {
      places.add(chosen(chosen));
    }
    places.add(home(System.getProperty("user.home", "")));
    Set<String> temporary = new LinkedHashSet<>();
    temporary.add(System.getProperty("java.io.tmpdir", ""));
    temporary.addAll(List.of("/tmp", "/var/tmp"));
    temporary.add(System.getenv().getOrDefault("XDG_RUNTIME_DIR", ""));
    temporary.add("/dev/shm");
    for (String folder : temporary) {
      if (!folder.isEmpty()) {
        places.add(within(folder));
      }
    }
    return places;
  }

  private static Place chosen(String value) {
    String asked = "krongauss.cache=" + value;
    if (value.isBlank()) {
      return new Place(asked, null, "it is empty", false);
    }
    if (value.equals("~") || value.startsWith("~/")) {
      return new Place(asked, null, "only a shell replaces ~, and not there: write it out", false);
    }
    return place(asked, value, "", false);
  }

  private static Place home(String value) {
    String asked = "user.home=" + value;
    try {
      Path home = Path.of(value);
      if (!home.isAbsolute()) {
        return new Place(asked, null, "this is no absolute path", false);
      }
      if (!Files.isDirectory(home)) {
        return new Place(asked, null, "there is no such folder", false);
      }
    } catch (InvalidPathException e) {
      return new Place(asked, null, notAPath(e), false);
    }
    return place(asked, value, ".cache/krongauss", false);
  }

  /** A folder of this user's in one that all users share. */
  static Place within(String shared) {
    try {
      if (!Files.isDirectory(Path.of(shared))) {
        return new Place(shared, null, "there is no such folder", true);
      }
      return place(shared, shared, "krongauss-" + uid(), true);
    } catch (InvalidPathException e) {
      return new Place(shared, null, notAPath(e), true);
    } catch (IOException e) {
      return new Place(shared, null, "whose files these are is not known: " + e, true);
    }
  }

  private static Place place(String asked, String first, String more, boolean common) {
    try {
      return new Place(asked, Path.of(first, more).toAbsolutePath().normalize(), null, common);
    } catch (InvalidPathException e) {
      return new Place(asked, null, notAPath(e), common);
    }
  }

  private static String notAPath(InvalidPathException e) {
    return e.getReason()
        + " (file names are in "
        + System.getProperty("sun.jnu.encoding")
        + "; LC_ALL=C.UTF-8 makes that UTF-8)";
  }

  /** A name that each user has, whether or not the system knows one: {@code user.name} can be ?. */
  private static int uid() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /**
   * Makes a folder that only this user can write to. One that is there already could be another
   * user's, or lead elsewhere: native code must not be loaded from there.
   */
  private static void prepareOwn(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      return;
    } catch (FileAlreadyExistsException e) {
      // Made by an earlier run, or by somebody else.
    }
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("this is a link or a file, no folder");
    }
    Map<String, Object> found =
        Files.readAttributes(folder, "unix:uid,permissions", LinkOption.NOFOLLOW_LINKS);
    if ((int) found.get("uid") != uid()) {
      throw new IOException("it belongs to another user (uid " + found.get("uid") + ")");
    }
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("other users may write to it; chmod 700 it if it is really yours");
    }
  }
}
