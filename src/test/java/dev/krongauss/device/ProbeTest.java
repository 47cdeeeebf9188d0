package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the probe's answer, or that it could not be asked, makes of the choice of a device. */
final class ProbeTest {
  private static final Optional<Path> NODE = Optional.of(Path.of("/dev/nvidiactl"));
  private static final Probe FOUND = new Probe(true, "devices=1 version=13000 path=libcuda.so.1");
  private static final Probe MISSING = new Probe(true, "error=libcuda.so.1: cannot open");
  private static final Probe MUTE = new Probe(false, "error=the probe could not be started: no");

  @Test
  void aDriverThatAnswersIsTaken() {
    assertThat(FOUND.choice("auto", Optional.empty()).software()).isFalse();
    assertThat(MISSING.choice("auto", NODE).software()).isTrue();
    assertThat(new Probe(true, "devices=0 version=13000").choice("auto", NODE).software()).isTrue();
  }

  @Test
  void aGpuIsNotGivenUpBecauseNothingCouldBeAsked() {
    for (String wanted : new String[] {"auto", "cuda"}) {
      NativeLoader.Choice choice = MUTE.choice(wanted, NODE);
      assertThat(choice.software()).isFalse();
      assertThat(choice.reason()).contains("/dev/nvidiactl is there", "could not be started: no");
    }
    assertThat(MUTE.choice("auto", Optional.empty()).software()).isTrue();
  }

  @Test
  void theAdviceFitsTheCause() {
    assertThatThrownBy(() -> MISSING.choice("cuda", NODE))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("libcuda.so.1: cannot open", "nvidia-smi", "R580");
    assertThatThrownBy(() -> MUTE.choice("cuda", Optional.empty()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("could not be started", "may not start programs")
        .hasMessageNotContaining("R580");
  }

  @Test
  void withoutSoftwareItsArtefactIsNamed() {
    for (String wanted : new String[] {"auto", "cuda"}) {
      assertThat(FOUND.choiceWithoutSoftware(wanted).reason())
          .contains("devices=1", "asked in this process", "natives-linux-x86_64 is missing");
      assertThatThrownBy(() -> MISSING.choiceWithoutSoftware(wanted))
          .isInstanceOf(DeviceException.class)
          .hasMessageContainingAll(
              "krongauss.device=" + wanted,
              "libcuda.so.1: cannot open",
              "dev.krongauss:krongauss:",
              ":natives-linux-x86_64",
              "nvidia-smi");
    }
  }

  @Test
  void whatTheLoaderSaysBeforeIsNoAnswer() {
    assertThat(
            Probe.answer("ERROR: ld.so: object 'x.so' cannot be preloaded\ndevices=2 version=1", 0))
        .isEqualTo("devices=2 version=1");
    assertThat(Probe.answer("", 127)).isEqualTo("error=the probe exited with 127");
    assertThat(Probe.answer("Illegal instruction", 132))
        .isEqualTo("error=the probe exited with 132: Illegal instruction");
  }
}
