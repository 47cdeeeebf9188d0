package dev.krongauss.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are whole or not there: written under another name, synced, and renamed. Whoever is
 * killed at any moment leaves the old file or the new one.
 */
public final class WholeFile {
  /** Ends the name while a file is being written; a killed process may leave one behind. */
  public static final String PART = ".part";

  private WholeFile() {}

  /** Writes what is to be in a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * @param channel at the start of an empty file
     */
    void write(FileChannel channel) throws IOException;
  }

  /**
   * Replaces a file, or makes it, in one step.
   *
   * @throws IOException if it cannot be written, with the file, the cause and a way out; an older
   *     one is then still whole
   */
  public static void replace(Path file, Content content) throws IOException {
    if (file.getFileName() == null || Files.isDirectory(file)) {
      throw new IOException("'%s' is a folder; give the name of a file in it".formatted(file));
    }
    try {
      writeAndRename(file, content);
    } catch (CheckpointException | ClosedChannelException e) { // not of the file system
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be written: %s; an older one is as it was".formatted(file, reason(file, e)),
          e);
    }
  }

  private static String reason(Path file, IOException e) {
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      return "there is no folder %s, so make it or choose another".formatted(folder);
    }
    if (e instanceof AccessDeniedException) {
      return "this user may not write in folder %s, so choose another".formatted(folder);
    }
    boolean byReason = e instanceof FileSystemException of && of.getReason() != null;
    return "%s (in folder %s; is there space, or choose another)"
        .formatted(byReason ? ((FileSystemException) e).getReason() : e.getMessage(), folder);
  }

  private static void writeAndRename(Path file, Content content) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + PART);
    try {
      try (FileChannel channel =
          FileChannel.open(
              part,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        content.write(channel);
        channel.force(true);
      }
      rename(part, file);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Writes all of a buffer. */
  public static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** The folder is synced, too: else a power cut may forget the new name. */
  private static void rename(Path part, Path file) throws IOException {
    try {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("its file system cannot replace a file in one step", e);
    }
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
