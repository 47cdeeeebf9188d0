package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kept data are the data, whatever happens to their files. */
final class DataCacheTest {
  private static final float[] VALUES = {0, -0f, 1, Float.MIN_VALUE, -Float.MAX_VALUE, 0.1f};
  private static final CacheKey KEY = new CacheKey("some data", 4, 7, "", 3, 2);

  @TempDir private Path folder;
  private final AtomicInteger made = new AtomicInteger();
  private DataCache cache;

  @BeforeEach
  void open() {
    cache = new DataCache(folder);
  }

  @Test
  void theSecondTimeIsRead() throws IOException {
    Dataset first = get(KEY);
    Dataset second = get(KEY);
    assertThat(made).hasValue(1);
    assertThat(bits(second)).isEqualTo(bits(first));
    assertThat(second).hasToString(first.toString());
    assertThat(names()).containsExactly("some-data.v4.seed7.f32");
  }

  /** Longer than the pieces that a file is read in, and no multiple of them. */
  @Test
  void largeDataComeBackBitForBit() {
    int rows = 3_001;
    float[] values = new float[rows * 200];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.37f;
    }
    CacheKey key = new CacheKey("large", 1, -1, "ab".repeat(32), rows, 200);
    cache.get(key, () -> Dataset.autoencoder("large", values, 200));
    Dataset read = cache.get(key, DataCacheTest::mustNotBeMade);
    assertThat(bits(read)).isEqualTo(bits(Dataset.autoencoder("large", values, 200)));
  }

  /** In every byte, each time another bit. */
  @Test
  void aFlippedBitIsFound() throws IOException {
    get(KEY);
    Path file = folder.resolve(KEY.fileName());
    byte[] good = Files.readAllBytes(file);
    for (int bit = 0; bit < 8 * good.length; bit += 7) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, bad);
      assertThatThrownBy(() -> CacheFile.read(file, KEY))
          .as("bit %d", bit)
          .isInstanceOf(DataException.class);
    }
  }

  @Test
  void everyOtherLengthIsFound() throws IOException {
    get(KEY);
    Path file = folder.resolve(KEY.fileName());
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length <= good.length + 4; length++) {
      if (length != good.length) {
        Files.write(file, Arrays.copyOf(good, length));
        assertThatThrownBy(() -> CacheFile.read(file, KEY))
            .isInstanceOf(DataException.class)
            .hasMessage("it has %d bytes instead of %d", length, good.length);
      }
    }
  }

  @Test
  void aDamagedFileIsSaidAndMadeAnew() throws IOException {
    get(KEY);
    Path file = folder.resolve(KEY.fileName());
    byte[] good = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(good, good.length - 1));
    String log = logOf(() -> assertThat(bits(get(KEY))).isEqualTo(bits(data())));
    assertThat(log).contains("WARN", file.toString(), "made anew: it has 119 bytes instead of 120");
    assertThat(made).hasValue(2);
    assertThat(Files.readAllBytes(file)).isEqualTo(good);
  }

  @Test
  void aFileUnderAnotherKeysNameIsNotTaken() throws IOException {
    for (CacheKey other :
        List.of(
            new CacheKey("some date", 4, 7, "", 3, 2),
            new CacheKey("some data", 5, 7, "", 3, 2),
            new CacheKey("some data", 4, 8, "", 3, 2),
            new CacheKey("some data", 4, 7, "01".repeat(32), 3, 2),
            new CacheKey("some data", 4, 7, "", 2, 3))) {
      Path file = folder.resolve(KEY.fileName());
      CacheFile.write(file, other, VALUES);
      assertThatThrownBy(() -> CacheFile.read(file, KEY))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("its header is damaged or another data set's");
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsSaid() throws IOException {
    Path noFolder = Files.writeString(folder.resolve("file"), "in the way");
    cache = new DataCache(noFolder);
    String log = logOf(() -> assertThat(bits(get(KEY))).isEqualTo(bits(data())));
    assertThat(log).contains("WARN", "cannot be kept in " + noFolder, "-Dkrongauss.cache=DIR");
  }

  @Test
  void aGeneratorThatFailsLeavesNothing() {
    assertThatThrownBy(
            () ->
                cache.get(
                    KEY,
                    () -> {
                      throw new IOException("no source");
                    }))
        .hasMessage("no source");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void otherVersionsAndDeadPartsGoAndThreeFilesStay() throws IOException {
    Path old = Files.createFile(folder.resolve("some-data.v3.seed7.f32"));
    Path later = Files.createFile(folder.resolve("some-data.v40.seed7.f32"));
    Path dead = Files.createFile(folder.resolve("some-data.v1.part"));
    Path living = Files.createFile(folder.resolve("some-data.v2.part"));
    Path others = Files.createFile(folder.resolve("some-more-data.v1.seed7.f32"));
    age(dead, Duration.ofDays(2));
    for (int seed = 1; seed <= 4; seed++) {
      get(seeded(seed));
      age(folder.resolve(seeded(seed).fileName()), Duration.ofHours(10 - seed));
      if (seed == 3) {
        get(seeded(1)); // used again, so the second is the oldest
      }
    }
    assertThat(made).hasValue(4);
    assertThat(old).doesNotExist();
    assertThat(later).doesNotExist();
    assertThat(dead).doesNotExist();
    assertThat(living).exists();
    assertThat(others).exists();
    assertThat(names())
        .filteredOn(name -> name.startsWith("some-data.v4"))
        .containsExactly(
            "some-data.v4.seed1.f32", "some-data.v4.seed3.f32", "some-data.v4.seed4.f32");
  }

  @Test
  void manyAtOnceGetTheSame() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Dataset>> loads = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        CacheKey key = seeded(i % 5); // more than stay: files vanish while others read
        loads.add(() -> get(key));
      }
      for (Future<Dataset> load : threads.invokeAll(loads)) {
        assertThat(bits(load.get())).isEqualTo(bits(data()));
      }
    } finally {
      threads.shutdown();
    }
    assertThat(names()).hasSizeBetween(1, 5).allMatch(name -> name.endsWith(".f32"));
  }

  private static CacheKey seeded(int seed) {
    return new CacheKey("some data", 4, seed, "", 3, 2);
  }

  private Dataset get(CacheKey key) {
    return cache.get(
        key,
        () -> {
          made.incrementAndGet();
          return data();
        });
  }

  private static Dataset data() {
    return Dataset.autoencoder("some data", VALUES.clone(), 2);
  }

  private static Dataset mustNotBeMade() {
    throw new AssertionError("a good file was not used");
  }

  private static int[] bits(Dataset data) {
    int[] bits = new int[data.inputs().length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(data.inputs()[i]);
    }
    return bits;
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static String logOf(Runnable work) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      work.run();
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8);
  }
}
