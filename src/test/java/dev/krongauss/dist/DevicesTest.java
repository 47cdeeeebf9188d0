package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.ChildJvm;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Ranks that are threads of one JVM, each on a device of its own: SoftCUDA has as many as asked.
 */
final class DevicesTest {
  private static final int DEVICES = 4;

  /** KFRA by 2 and 4 ranks, with every rank's state whole and in shards. */
  @Test
  void ranksOnDevicesOfTheirOwnHaveTheBitsOfOne() throws IOException {
    assertThat(output(DEVICES, "bits"))
        .contains("4 devices")
        .contains("2 and 4 ranks end as one")
        .contains("2 and 4 ranks with shards end as one")
        .contains("with shards each device holds less");
  }

  @Test
  void ncclJoinsTheDevicesOfAJvm() throws IOException {
    assertThat(output(DEVICES, "nccl"))
        .contains("2 ranks of NCCL 2.28.3 of SoftCUDA end as one")
        .contains("4 ranks of NCCL 2.28.3 of SoftCUDA end as one")
        .contains("ranks 0 and 1 are both on device 0 of one process");
  }

  /** And a fault that it makes stays with the device whose kernel used it. */
  @Test
  void aForeignPointerNamesBothDevices() throws IOException {
    String both = "memory of device 0, which device 1 does not reach";
    assertThat(output(2, "foreign"))
        .containsPattern("copy: [^\n]*\n.*allocation 'rank 0[^\n]*" + both)
        .containsPattern("(?s)kernel: .*device 1, store_at.*allocation 'rank 0[^\n]*" + both)
        .contains("device 0 holds 5.0")
        .contains("device 0 trains as before")
        .contains("device 1 anew trains as device 0");
  }

  @Test
  void whatARankTakesIsOnItsDevice() throws IOException {
    assertThat(output(DEVICES, "memory")).contains("2 ranks: [").contains("4 ranks: [");
  }

  @Test
  void theirNumberIsFixedAtTheStart() throws IOException {
    assertThat(output(3, "number"))
        .contains("3 devices")
        .contains("the last is on bus 2")
        .contains("device 3 of 3 that this process may use")
        .contains("krongauss.softcuda.devices is '4', but this JVM's SoftCUDA has begun with 3");
    for (String wrong : new String[] {"0", "two"}) {
      assertThat(run(wrong, "number").output())
          .contains("krongauss.softcuda.devices=" + wrong)
          .contains("devices must be 1..16, not '" + wrong + "'");
    }
  }

  private static String output(int devices, String program) throws IOException {
    ChildJvm.Result result = run(String.valueOf(devices), program);
    assertThat(result.status()).as(result.output()).isZero();
    return result.output();
  }

  private static ChildJvm.Result run(String devices, String program) throws IOException {
    return new ChildJvm()
        .option("-XX:TieredStopAtLevel=1", "-Xmx1g")
        .property("krongauss.device", "software")
        .property("krongauss.softcuda.devices", devices)
        .property("krongauss.softcuda.check", program.equals("foreign") ? "all,same" : "memory")
        .run(DevicePrograms.class, program);
  }
}
