package dev.krongauss.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of kept data sets: what it lacks is made, what is too much is removed. */
final class DataCache {
  /** Ends the names of files that are being written. */
  static final String PART = ".part";

  /** Files that stay of one data set: as many seeds as one compares with each other. */
  static final int KEPT = 3;

  /** A part older than this belongs to a process that was killed. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(DataCache.class);

  /**
   * Makes a data set.
   *
   * @param <E> what it can fail with
   */
  interface Generator<E extends Exception> {
    Dataset generate() throws E;
  }

  private final Path folder;

  DataCache(Path folder) {
    this.folder = folder;
  }

  /**
   * The data set of this key: from its file, or made and kept. Trouble with files is only logged.
   */
  <E extends Exception> Dataset get(CacheKey key, Generator<E> generator) throws E {
    Path file = folder.resolve(key.fileName());
    long start = System.nanoTime();
    float[] values = read(file, key);
    if (values != null) {
      LOG.info("{} read from {} in {} s", key.name(), file, seconds(start));
      return Dataset.autoencoder(key.name(), values, key.width());
    }
    Dataset made = generator.generate();
    LOG.info("{} generated in {} s", key.name(), seconds(start));
    keep(file, key, made);
    return made;
  }

  /** The values, or null where there is no good file. */
  private float[] read(Path file, CacheKey key) {
    float[] values;
    try {
      values = CacheFile.read(file, key);
    } catch (NoSuchFileException e) {
      LOG.debug("{} is not kept yet in {}", key, folder);
      return null;
    } catch (IOException e) {
      LOG.warn("the kept copy {} cannot be used and is made anew: {}", file, reason(e));
      return null;
    }
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now())); // used last
    } catch (IOException e) {
      LOG.debug("{} does not take a new time: {}", file, reason(e));
    }
    return values;
  }

  private void keep(Path file, CacheKey key, Dataset made) {
    try {
      long start = System.nanoTime();
      CacheFile.write(file, key, made.inputs());
      LOG.info("{} kept in {}, written in {} s", key.name(), file, seconds(start));
      prune(file, key);
    } catch (IOException e) {
      LOG.warn(
          "{} cannot be kept in {} and will be made again next time: {}; -Dkrongauss.cache=DIR names"
              + " another folder",
          key.name(),
          folder,
          reason(e));
    }
  }

  /** Removes this data set's files of other versions, those used longest ago, and dead parts. */
  private void prune(Path fresh, CacheKey key) throws IOException {
    Instant now = Instant.now();
    List<Aged> same = new ArrayList<>();
    for (Aged file : files(key.filePrefix())) {
      String name = file.path().getFileName().toString();
      boolean dead =
          name.endsWith(PART)
              ? file.time().isBefore(now.minus(ABANDONED))
              : !name.startsWith(key.versionPrefix());
      if (dead) {
        remove(file.path());
      } else if (!name.endsWith(PART) && !file.path().equals(fresh)) {
        same.add(file);
      }
    }
    same.sort(Comparator.comparing(Aged::time).reversed());
    for (Aged old : same.subList(Math.min(KEPT - 1, same.size()), same.size())) {
      remove(old.path());
    }
  }

  private record Aged(Path path, Instant time) {}

  private List<Aged> files(String prefix) throws IOException {
    List<Path> all;
    try (Stream<Path> listed = Files.list(folder)) {
      all = listed.filter(f -> f.getFileName().toString().startsWith(prefix)).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    List<Aged> files = new ArrayList<>();
    for (Path file : all) {
      try {
        files.add(new Aged(file, Files.getLastModifiedTime(file).toInstant()));
      } catch (NoSuchFileException e) {
        LOG.debug("{} was removed by another process", file);
      }
    }
    return files;
  }

  private static void remove(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      LOG.info("removed {}, no longer needed", file);
    }
  }

  private static String reason(IOException e) {
    return e instanceof DataException ? e.getMessage() : e.toString();
  }

  private static String seconds(long start) {
    return String.format(Locale.ROOT, "%.2f", (System.nanoTime() - start) * 1e-9);
  }
}
