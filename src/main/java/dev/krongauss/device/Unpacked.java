package dev.krongauss.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Native files in a folder that they can be run and loaded from: the first of {@link CacheFolder}'s
 * places that takes them.
 */
final class Unpacked {
  private static final int PIECE = 1 << 16;
  private static final Logger LOG = LoggerFactory.getLogger(Unpacked.class);

  private static String lastSaid = "";

  private Unpacked() {}

  /**
   * Writes files into one folder whose name is the hash of their names and contents, so that JVMs
   * of the same version share it and those of different versions never meet. Each file appears
   * whole (rename), and one that is there with other bytes is replaced.
   *
   * @return the folder, absolute
   * @throws DeviceException if no place takes them; the message names each and why
   */
  static Path folder(Map<String, byte[]> files) {
    String name = hash(files);
    List<String> refused = new ArrayList<>();
    for (CacheFolder.Place place : CacheFolder.places()) {
      try {
        Path folder = Files.createDirectories(place.prepare().resolve(name));
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
          put(folder, file.getKey(), file.getValue());
        }
        sayWhyNot(refused, folder.getParent());
        return folder;
      } catch (IOException e) {
        refused.add(place + ": " + reason(e));
      }
    }
    long bytes = files.values().stream().mapToLong(b -> b.length).sum();
    throw new DeviceException(
        "there is no folder that native libraries can be unpacked into and loaded from\n  "
            + String.join("\n  ", refused)
            + "\n"
            + "  What to do: set -Dkrongauss.cache to a folder of yours that is not mounted noexec"
            + " and has room for "
            + (1 + bytes / 1_000_000)
            + " MB.");
  }

  private static synchronized void sayWhyNot(List<String> refused, Path taken) {
    String text = String.join("; ", refused);
    if (!text.isEmpty() && !text.equals(lastSaid)) {
      lastSaid = text;
      // Without a home it is ordinary; where the user has named a folder it is not.
      boolean asked = System.getProperty("krongauss.cache") != null;
      LOG.atLevel(asked ? Level.WARN : Level.INFO)
          .log(
              "native libraries go to {}, since others do not do: {}; -Dkrongauss.cache=DIR names"
                  + " another folder",
              taken,
              text);
    }
  }

  private static void put(Path folder, String name, byte[] bytes) throws IOException {
    Path target = folder.resolve(name);
    if (!holds(target, bytes)) {
      Path temporary = Files.createTempFile(folder, name, ".part");
      try {
        Files.write(temporary, bytes);
        temporary.toFile().setReadable(true, false);
        temporary.toFile().setExecutable(true, false);
        move(temporary, target);
      } finally {
        Files.deleteIfExists(temporary);
      }
    }
    if (!Files.isExecutable(target)) { // false on such mounts, whatever the permissions
      throw new IOException("it is mounted noexec, or does not keep the permission to execute");
    }
  }

  /** In pieces, so that a JVM with a small heap has memory for it. */
  private static boolean holds(Path file, byte[] bytes) throws IOException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file) || Files.size(file) != bytes.length) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      for (int at = 0; at < bytes.length; at += PIECE) {
        byte[] piece = in.readNBytes(PIECE);
        int end = Math.min(at + PIECE, bytes.length);
        if (!Arrays.equals(piece, 0, piece.length, bytes, at, end)) {
          return false;
        }
      }
      return true;
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The place is named already, the file within it need not be. */
  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "this is a file, or a link to nothing, and no folder";
    }
    if (e instanceof AccessDeniedException) {
      return "this user may not go or write there";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    return e instanceof FileSystemException || e.getMessage() == null
        ? e.toString()
        : e.getMessage();
  }

  private static String hash(Map<String, byte[]> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
        digest.update(file.getKey().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        digest.update(file.getValue());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new DeviceException("this JVM has no SHA-256", e);
    }
  }
}
