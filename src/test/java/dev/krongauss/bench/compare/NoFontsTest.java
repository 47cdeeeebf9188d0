package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.page.Picture;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison where Java cannot draw loses its pictures, and nothing else. */
final class NoFontsTest {
  private static final String NO_FONTS =
      "for d in /usr/share/fonts /usr/local/share/fonts /etc/fonts; do [ ! -d $d ] || mount -t"
          + " tmpfs tmpfs $d; done";

  @TempDir private Path folder;

  /** No module java.desktop, as in small images: no class of Java's graphics is there. */
  @Test
  void withoutJavasGraphicsThereIsATable() throws IOException {
    ChildJvm.Result result =
        compare(
            new ChildJvm()
                .option(
                    "--limit-modules",
                    "java.logging,java.management,jdk.management,jdk.unsupported"),
            folder.resolve("run"));
    assertThat(result.output())
        .containsOnlyOnce("bench/compare: pictures are left out, since this Java cannot draw")
        .contains("run folder: ")
        .doesNotContain("\tat ");
    assertThat(result.status()).isZero();
  }

  @Test
  void withoutFontsThereIsATableAndPicturesLater() throws IOException {
    Mounts.assume("what a machine without fonts does");
    Path run = folder.resolve("run");
    ChildJvm.Result result = compare(new ChildJvm().under(Mounts.seen(NO_FONTS)), run);
    assertThat(result.output())
        .containsOnlyOnce("bench/compare: pictures are left out, since this Java cannot draw")
        .contains("fonts-dejavu-core", "run folder: ")
        .doesNotContain("\tat ");
    assertThat(result.status()).isZero();
    assertThat(run.resolve(RunFolder.SUMMARY)).exists();
    assertThat(run.resolve(RunFolder.PAGE)).content().contains("Without pictures: this Java");
    assertThat(run.resolve(Picture.UPDATES.file("svg"))).doesNotExist();
    assertThat(resume(run, "--no-pictures").status()).isZero();
    assertThat(run.resolve(Picture.UPDATES.file("svg"))).doesNotExist();
    assertThat(resume(run).status()).isZero();
    assertThat(run.resolve(Picture.UPDATES.file("svg"))).exists();
    assertThat(run.resolve(RunFolder.PAGE))
        .content()
        .contains("<svg")
        .doesNotContain("Without pic");
  }

  private static ChildJvm.Result compare(ChildJvm jvm, Path run) throws IOException {
    return jvm.run(
        Compare.class,
        "--optimizers",
        "adam",
        "--updates",
        "12",
        "--scale",
        "0.02",
        "--batch",
        "40",
        "--device",
        "software",
        "--no-costs",
        "--out",
        run.toString());
  }

  private static ChildJvm.Result resume(Path run, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--resume", run.toString()));
    arguments.addAll(List.of(more));
    return new ChildJvm().run(Compare.class, arguments.toArray(String[]::new));
  }
}
