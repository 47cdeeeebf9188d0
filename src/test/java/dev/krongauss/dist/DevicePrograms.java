package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Devices;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.GaussNewtonSetters;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.StoreKernel;
import java.util.Arrays;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/** What a JVM with several devices of SoftCUDA does, by name; prints what held. */
final class DevicePrograms {
  private static final int N = 61;
  private static final int UPDATES = 5;
  private static final LossFunction LOSS = Loss.softmax();

  /** What SoftCUDA's NCCL has under way between two ranks at a time. */
  private static final int NCCL_PIECE = 1 << 18;

  /** An autoencoder. */
  private static final int[] WIDTHS = {196, 100, 50, 25, 6, 25, 50, 100, 196};

  private static final RankThreads.Build KFRA =
      (network, loss, ranks) ->
          GaussNewton.kfra()
              .refreshEvery(3)
              .reductionEvery(4)
              .seed(11)
              .ranks(ranks)
              .build(network, loss);

  private DevicePrograms() {}

  /** Runs one. */
  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "bits" -> bits();
      case "nccl" -> nccl();
      case "foreign" -> foreign();
      case "memory" -> memory();
      default -> number();
    }
  }

  private static void bits() throws Exception {
    System.out.println(Devices.count() + " devices");
    SameBitsTest.anyNumberOfRanks(SameBitsTest.Kind.KFRA, UPDATES, 2, 4);
    System.out.println("2 and 4 ranks end as one");
    ShardedRanksTest.anyNumberOfRanks(ShardedRanksTest.Kind.KFRA, 2, 4);
    System.out.println("2 and 4 ranks with shards end as one");
    new ShardedRanksTest().aRankHasLessMemoryAndSendsLess();
    System.out.println("with shards each device holds less");
  }

  private static RankThreads.Result alone() {
    return RankThreads.run(1, ranks -> RankThreads.trained(ranks, KFRA, LOSS, N, UPDATES)).get(0);
  }

  private static void nccl() {
    RankThreads.Result alone = alone();
    for (int size : new int[] {2, 4}) {
      List<String> engines =
          RankThreads.run(
              size,
              ranks -> {
                try (Device device = RankThreads.device(ranks);
                    Nccl nccl = Nccl.open(device, ranks)) {
                  RankPrograms.everything(device, nccl, NCCL_PIECE);
                  RankThreads.Result rank = RankThreads.trained(nccl, KFRA, LOSS, N, UPDATES);
                  assertThat(rank.reports()).isEqualTo(alone.reports());
                  assertThat(rank.weights()).isDeepEqualTo(alone.weights());
                  assertThat(rank.state()).isEqualTo(alone.state());
                  return nccl.engine();
                }
              });
      System.out.println(size + " ranks of " + engines.get(0) + " end as one");
    }
    try {
      RankThreads.run(
          2,
          ranks -> {
            try (Device device = Devices.open(0);
                Nccl nccl = Nccl.open(device, ranks)) {
              return nccl.engine();
            }
          });
    } catch (CollectiveException e) {
      System.out.println(e.getMessage());
    }
  }

  private static void foreign() {
    RankThreads.Result alone = alone();
    try (Device zero = Devices.open(0);
        Arena first = zero.newArena("rank 0")) {
      Buffer weights = first.floats(16, "weights");
      float[] fives = new float[16];
      Arrays.fill(fives, 5);
      weights.upload(fives, zero.stream());
      Device one = Devices.open(1);
      told(
          "copy",
          () -> Matrix.wrap(weights.pointer(), 1, 16, 16).download(one.stream()),
          () -> {
            one.userFunction("store", StoreKernel.PTX, "store_at")
                .on(one.stream())
                .pointer(weights.pointer())
                .launch();
            one.stream().synchronize();
          });
      System.out.println("device 0 holds " + weights.downloadFloats(16, zero.stream())[0]);
      same(alone);
      System.out.println("device 0 trains as before");
      told("close", one::close);
    }
    List<RankThreads.Result> anew =
        RankThreads.run(2, ranks -> RankThreads.trained(ranks, KFRA, LOSS, N, UPDATES));
    assertThat(anew.get(1).weights()).isDeepEqualTo(alone.weights());
    System.out.println("device 1 anew trains as device 0");
  }

  /** The second is what a kernel does. */
  private static void told(String what, Runnable... calls) {
    String name = what;
    for (Runnable call : calls) {
      try {
        call.run();
        System.out.println(name + ": nothing");
      } catch (DeviceException e) {
        System.out.println(name + ": " + e.getMessage());
      }
      name = "kernel";
    }
  }

  private static void same(RankThreads.Result alone) {
    assertThat(alone().reports()).isEqualTo(alone.reports());
    assertThat(alone().state()).isEqualTo(alone.state());
  }

  private static int bus(int[] number, CUdevice device) {
    int which = CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_BUS_ID;
    return JCudaDriver.cuDeviceGetAttribute(number, which, device);
  }

  /** What the optimiser of each rank takes before its first batch, of the rank's own device. */
  private static void memory() {
    for (int size : new int[] {2, 4}) {
      List<Long> whole = RankThreads.run(size, ranks -> taken(ranks, GaussNewton.kfra()));
      List<Long> shards = RankThreads.run(size, ranks -> taken(ranks, GaussNewton.kfra().shard()));
      for (int r = 0; r < size; r++) {
        assertThat((double) shards.get(r) / whole.get(r)).isLessThan(size == 2 ? 0.9 : 0.8);
      }
      System.out.println(size + " ranks: " + shards + " bytes with shards, without " + whole);
    }
  }

  private static long taken(Collective ranks, GaussNewtonSetters<?> setters) {
    Network.Builder builder = Network.input(WIDTHS[0]);
    for (int l = 1; l < WIDTHS.length; l++) {
      boolean last = l == WIDTHS.length - 1;
      builder.dense(WIDTHS[l], last ? Activation.IDENTITY : Activation.TANH);
    }
    try (Device device = RankThreads.device(ranks);
        Network network = builder.build(device, 1)) {
      long before = device.allocatedBytes();
      Optimizer kfra = setters.ranks(ranks).build(network, Loss.bernoulli());
      long all = device.allocatedBytes();
      assertThat(held(device)).isGreaterThanOrEqualTo(all);
      kfra.close();
      return all - before;
    }
  }

  /** By the driver: what the device's part of the host's memory lacks. */
  private static long held(Device device) {
    long[] free = new long[1];
    long[] total = new long[1];
    assertThat(device.<Integer>inContext(() -> JCudaDriver.cuMemGetInfo(free, total))).isZero();
    return total[0] - free[0];
  }

  private static void number() {
    System.out.println(Devices.count() + " devices");
    try (Device last = Devices.open(2)) {
      int[] number = new int[1];
      CUdevice current = new CUdevice();
      assertThat(last.<Integer>inContext(() -> JCudaDriver.cuCtxGetDevice(current))).isZero();
      assertThat(last.<Integer>inContext(() -> bus(number, current))).isZero();
      System.out.println("the last is on bus " + number[0]);
    }
    try (Device none = Devices.open(3)) {
      System.out.println(none);
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
    }
    System.setProperty("krongauss.softcuda.devices", "4");
    try {
      Device.open();
    } catch (DeviceException e) {
      System.out.println(e.getMessage());
    }
  }
}
