package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.MpiLauncher;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that train as one, one of which is killed, spoilt, or not like the other. */
final class RankTrainingsTest {
  private static final int UPDATES = 8;

  /** Of JVMs that start on processors which others use; the ranks would wait for four minutes. */
  private static final double AT_ONCE_SECONDS = 60;

  private static final Pattern END = Pattern.compile("rank (\\d) ends with ([0-9a-f]+)");
  private static final Pattern UPDATE = Pattern.compile("rank (\\d) update (\\d+) (true|false)");

  @TempDir private Path folder;

  /** And what it leaves is whole: two go on from it to the weights of two that were let be. */
  @Test
  void killedAndGoneOnWith() throws IOException {
    Map<String, String> wanted = ends(run("none", "whole"));
    assertThat(wanted).hasSize(2);
    assertThat(wanted.get("0")).isEqualTo(wanted.get("1"));
    ChildJvm.Result killed = failed("killed");
    assertThat(accepted(killed.output())).containsKeys("0 3", "1 3").doesNotContainKey("0 4");
    assertThat(ends(killed)).isEmpty();
    ChildJvm.Result rest = run("none", "killed");
    assertThat(accepted(rest.output())).containsKeys("0 4", "1 4").doesNotContainKey("0 3");
    assertThat(ends(rest)).isEqualTo(wanted);
  }

  /** Of two and of four ranks, as through the host. */
  @Test
  void deviceAddressesAreTheSameBits() throws IOException {
    Map<String, String> wanted = ends(run("none", "host"));
    for (int count : new int[] {2, 4}) {
      String file = folder.resolve("addresses-" + count).toString();
      ChildJvm.Result result =
          MpiLauncher.all()
              .get(0)
              .ranks(count)
              .property(MpiCuda.PROPERTY, "on")
              .property("krongauss.softcuda.check", count == 2 ? "all" : "none")
              .run(RankTrainings.class, "none", String.valueOf(UPDATES), file);
      assertThat(result.status()).as(result.output()).isZero();
      assertThat(result.output()).contains("device memory goes to MPI by its address");
      assertThat(ends(result)).hasSize(count);
      assertThat(ends(result).values()).containsOnly(wanted.get("0"));
    }
  }

  @Test
  void bothRejectTheUpdateOfOnesNaN() throws IOException {
    ChildJvm.Result result = run("nan", "nan");
    Map<String, String> accepted = accepted(result.output());
    for (int update = 0; update < UPDATES; update++) {
      String wanted = String.valueOf(update != 1);
      assertThat(accepted)
          .containsEntry("0 " + update, wanted)
          .containsEntry("1 " + update, wanted);
    }
    assertThat(ends(result).get("0")).isEqualTo(ends(result).get("1"));
  }

  @Test
  void anotherOptionIsNamed() throws IOException {
    assertThat(failed("options").output()).contains("rank 1 has mostRejected 7, and rank 0 has 50");
  }

  /** Settings of the JVM beside those of the optimiser, with which results differ in bits. */
  @Test
  void anotherAccuracyIsNamed() throws IOException {
    assertThat(failed("accuracy").output())
        .contains("rank 1 has krongauss.curvature tf32, and rank 0 has fp32");
  }

  /** The rank says what it was given; the other one, that it has left. */
  @Test
  void anotherShardIsNamed() throws IOException {
    assertThat(failed("shard").output())
        .contains(
            "rank 1 of 2 has 16 rows of a batch of 32, from row 16 on, and was given 16 from");
  }

  @Test
  void anotherVersionIsNamed() throws IOException {
    Path jar = otherVersion(folder.resolve("other.jar"));
    ChildJvm.Result result = start("version", "version", "-D" + RankTrainings.JAR + "=" + jar);
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output()).contains("rank 1 has version 0-of-yore, and rank 0 has ");
  }

  /** The classes of the optimisers in a jar that says so. */
  private static Path otherVersion(Path jar) throws IOException {
    Path classes =
        Path.of(Optimizer.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "0-of-yore");
    Path optim = Path.of("dev/krongauss/optim");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out, manifest);
        Stream<Path> files = Files.list(classes.resolve(optim))) {
      for (Path file : files.toList()) {
        entries.putNextEntry(new ZipEntry(optim.resolve(file.getFileName()).toString()));
        Files.copy(file, entries);
        entries.closeEntry();
      }
    }
    return jar;
  }

  private ChildJvm.Result run(String trouble, String checkpoint) throws IOException {
    ChildJvm.Result result = start(trouble, checkpoint);
    assertThat(result.status()).as(result.output()).isZero();
    return result;
  }

  private ChildJvm.Result failed(String trouble) throws IOException {
    long start = System.nanoTime();
    ChildJvm.Result result = start(trouble, trouble);
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat((System.nanoTime() - start) / 1e9).isLessThan(AT_ONCE_SECONDS);
    return result;
  }

  private ChildJvm.Result start(String trouble, String checkpoint, String... options)
      throws IOException {
    MpiLauncher launcher = MpiLauncher.assume("what befalls one of two that train").get(0);
    return launcher
        .ranks(2)
        .option(options)
        .property("krongauss.softcuda.check", "none")
        .run(
            RankTrainings.class,
            trouble,
            String.valueOf(UPDATES),
            folder.resolve(checkpoint).toString());
  }

  private static Map<String, String> ends(ChildJvm.Result result) {
    Map<String, String> ends = new TreeMap<>();
    Matcher found = END.matcher(result.output());
    while (found.find()) {
      ends.put(found.group(1), found.group(2));
    }
    return ends;
  }

  /** By rank and update. */
  private static Map<String, String> accepted(String output) {
    Map<String, String> accepted = new TreeMap<>();
    Matcher found = UPDATE.matcher(output);
    while (found.find()) {
      accepted.put(found.group(1) + " " + found.group(2), found.group(3));
    }
    return accepted;
  }
}
