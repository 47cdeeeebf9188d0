package dev.krongauss.bench.train;

import dev.krongauss.bench.RunException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps two processes from training for one model file; a killed one leaves no lock. */
final class OutLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private OutLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Locks a file that is there or not.
   *
   * @throws RunException if another training has it
   * @throws IOException if its lock cannot be written
   */
  static OutLock of(Path out) throws IOException {
    Path file = out.resolveSibling("." + out.getFileName() + ".lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!locked(channel)) {
      channel.close();
      throw new RunException(
          "--out %s: another training is going to write it; wait for its end, or give another name"
              .formatted(out));
    }
    return new OutLock(file, channel);
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // this very process has it
    }
  }

  /** Releases the file and removes the lock. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    channel.close();
  }
}
