package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where native libraries go on machines whose homes, caches and users are not as at home. */
final class CacheFolderTest {
  private static final String CACHE = "krongauss.cache";

  @TempDir private Path folder;
  private String before;

  @BeforeEach
  void keep() {
    before = System.getProperty(CACHE);
  }

  @AfterEach
  void restore() {
    set(CACHE, before);
  }

  private static void set(String property, String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }

  private ChildJvm jvm() {
    return new ChildJvm().in(folder).property("krongauss.device", "software");
  }

  private List<String> inFolder() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aRelativeFolderIsTakenFromTheWorkingFolder() throws IOException {
    String output = jvm().property(CACHE, "kept/here").run(OpenDevice.class).output();
    assertThat(output).contains("opened SoftCUDA");
    assertThat(inFolder()).containsExactly("kept");
    assertThat(folder.resolve("kept/here")).isNotEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"?", "", "home", "/nonexistent", "/etc/hostname", "/proc"})
  void aHomeThatIsNoneLeavesNothingBehind(String home) throws IOException {
    String output =
        jvm()
            .property("user.home", home)
            .property("user.name", "?/..")
            .run(OpenDevice.class)
            .output();
    assertThat(output).contains("opened SoftCUDA").contains("krongauss-", home);
    assertThat(inFolder()).isEmpty();
    assertThat(Path.of("/nonexistent")).doesNotExist();
  }

  @Test
  void aPathMayHoldAnyCharacter() throws IOException {
    Path odd = folder.resolve("a b:c%s;'d\"$e");
    String output = jvm().property(CACHE, odd).run(OpenDevice.class).output();
    assertThat(output).contains("opened SoftCUDA");
    assertThat(odd).isNotEmptyDirectory();
  }

  @Test
  void aFileAndALinkToNothingAreNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
    for (Path each : List.of(file, link)) {
      assertThat(jvm().property(CACHE, each).run(OpenDevice.class).output())
          .contains("opened SoftCUDA")
          .contains(each + ": this is a file, or a link to nothing, and no folder");
    }
  }

  @Test
  void whatOnlyAShellReplacesAndWhatIsNoPathIsPassedOver() {
    set(CACHE, "~/cache");
    assertThat(CacheFolder.places().get(0).trouble()).contains("only a shell replaces ~");
    assertThat(CacheFolder.path()).isAbsolute();
    set(CACHE, "a\0b");
    assertThat(CacheFolder.places().get(0).trouble()).contains("Nul character", "LC_ALL=C.UTF-8");
    set(CACHE, " ");
    assertThat(CacheFolder.places().get(0).trouble()).contains("empty");
  }

  private String mounted(String mounts, String device) throws IOException {
    return new ChildJvm()
        .under(Mounts.seen(mounts))
        .in(folder)
        .property("krongauss.device", device)
        .property(CACHE, folder.resolve("cache"))
        .property("user.home", folder.resolve("home"))
        .run(OpenDevice.class)
        .output();
  }

  /** Mounts over themselves, with what stands in them; other flags stay, as they must. */
  private static String noexec(String... folders) {
    return Stream.of(folders)
        .map(
            f ->
                "mount --bind %s %s && mount -o remount,bind,noexec,nosuid,nodev %s"
                    .formatted(f, f, f))
        .collect(Collectors.joining(" && "));
  }

  @Test
  void aFolderMountedNoexecIsPassedOver() throws IOException {
    Mounts.assume("what a folder does that is noexec, full or read-only");
    Files.createDirectories(folder.resolve("cache"));
    Files.createDirectories(folder.resolve("home"));
    String output = mounted(noexec("cache"), "auto");
    assertThat(output)
        .contains("opened ")
        .contains(folder.resolve("cache") + ": it is mounted noexec", "-Dkrongauss.cache=DIR")
        .contains("libraries go to " + folder.resolve("home/.cache/krongauss"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cuda", "software"})
  void noexecEverywhereIsNamedWithTheWayOut(String device) throws IOException {
    Mounts.assume("what a folder does that is noexec, full or read-only");
    Files.createDirectories(folder.resolve("cache"));
    Files.createDirectories(folder.resolve("home"));
    String everywhere =
        noexec("cache", "home", "/tmp", "/var/tmp", "/dev/shm") + " && unset XDG_RUNTIME_DIR";
    assertThat(mounted(everywhere, device))
        .contains("refused there is no folder")
        .contains(folder.resolve("cache") + ": it is mounted noexec")
        .contains(folder.resolve("home") + "/.cache/krongauss: it is mounted noexec")
        .containsPattern("/dev/shm/krongauss-\\d+: it is mounted noexec")
        .contains(
            "What to do: set -Dkrongauss.cache to a folder of yours that is not mounted noexec")
        .doesNotContain("driver", "\tat ");
  }

  @Test
  void aFullOrReadOnlyFolderIsPassedOver() throws IOException {
    Mounts.assume("what a folder does that is noexec, full or read-only");
    Files.createDirectories(folder.resolve("cache"));
    Files.createDirectories(folder.resolve("home"));
    String full = "mount -t tmpfs -o size=64k tmpfs cache";
    String readOnly = "mount -t tmpfs -o ro tmpfs home";
    assertThat(mounted(full + " && " + readOnly, "software"))
        .contains("opened SoftCUDA", "No space left on device", "Read-only file system");
  }

  private static void onlyAsRoot() throws IOException {
    assumeTrue((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "needs root");
  }

  private CacheFolder.Place common() {
    return CacheFolder.within(folder.toString());
  }

  @Test
  void aFolderInACommonPlaceIsThisUsersAlone() throws IOException {
    Path own = common().prepare();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
        .isEqualTo("rwx------");
    assertThat(own.getParent()).isEqualTo(folder);
    assertThat(common().prepare()).isEqualTo(own);
  }

  @Test
  void aLinkInACommonPlaceIsNotFollowed() throws IOException {
    Files.createSymbolicLink(common().folder(), Files.createDirectory(folder.resolve("elsewhere")));
    assertThatThrownBy(() -> common().prepare()).hasMessageContaining("a link or a file");
  }

  @Test
  void aFolderThatOthersMayWriteToIsNotUsed() throws IOException {
    Files.createDirectory(common().folder());
    Files.setPosixFilePermissions(common().folder(), PosixFilePermissions.fromString("rwxrwx---"));
    assertThatThrownBy(() -> common().prepare()).hasMessageContaining("chmod 700");
  }

  @Test
  void aFolderOfAnotherUserIsNotUsed() throws IOException {
    onlyAsRoot();
    Files.createDirectory(common().folder());
    Files.setAttribute(common().folder(), "unix:uid", 12345);
    assertThatThrownBy(() -> common().prepare()).hasMessageContaining("another user (uid 12345)");
  }

  @Test
  void aFileWithOtherBytesIsReplaced() throws IOException {
    set(CACHE, folder.toString());
    byte[] wanted = "the right bytes".getBytes(StandardCharsets.US_ASCII);
    Path file = Unpacked.folder(Map.of("lib.so", wanted)).resolve("lib.so");
    Files.write(file, new byte[wanted.length]); // of the same size, as after a power cut
    assertThat(Unpacked.folder(Map.of("lib.so", wanted)).resolve("lib.so"))
        .hasBinaryContent(wanted);
  }

  @Test
  void severalAtOnceFindWholeFiles() throws Exception {
    set(CACHE, folder.toString());
    byte[] wanted = new byte[1 << 20];
    java.util.Arrays.fill(wanted, (byte) 7);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<byte[]> one =
          () -> Files.readAllBytes(Unpacked.folder(Map.of("lib.so", wanted)).resolve("lib.so"));
      for (Future<byte[]> got : threads.invokeAll(java.util.Collections.nCopies(32, one))) {
        assertThat(got.get()).isEqualTo(wanted);
      }
    } finally {
      threads.shutdown();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(1);
    }
  }
}
