package dev.krongauss.bench.run;

import dev.krongauss.bench.RunException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps two processes from writing one run folder; a killed one leaves no lock. */
public final class RunLock implements AutoCloseable {
  private static final String FILE = ".lock";

  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks a folder.
   *
   * @throws RunException if there is no such folder, or another run has it
   * @throws IOException if its lock cannot be written
   */
  public static RunLock of(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new RunException(
          "there is no folder %s; give the one of a run that was stopped".formatted(folder));
    }
    FileChannel channel =
        FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!locked(channel)) {
      channel.close();
      throw new RunException(
          "%s is being written by another run; wait for its end, or give another folder"
              .formatted(folder));
    }
    return new RunLock(channel);
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // this very process has it
    }
  }

  /** Releases the folder; twice does nothing. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
