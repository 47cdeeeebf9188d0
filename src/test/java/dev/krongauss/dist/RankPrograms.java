package dev.krongauss.dist;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.zip.CRC32;

/** What the ranks of a test do, whatever the engine; each process runs one rank. */
final class RankPrograms {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What SoftCUDA's NCCL has under way between two ranks at a time. */
  private static final int NCCL_PIECE = 1 << 18;

  private static final Duration SHORT = Duration.ofSeconds(2);

  private RankPrograms() {}

  /** Memory of a rank: what it sends, and where something comes to. */
  private record Memory(Device device, Stream stream, Matrix out, Matrix in) {
    static Memory of(Device device, int floats) {
      Arena arena = device.newArena("rank");
      return new Memory(
          device, device.stream(), arena.matrix(1, floats, "out"), arena.matrix(1, floats, "in"));
    }

    static Memory written(Device device) {
      Memory memory = of(device, 8);
      memory.out.upload(new float[8], memory.stream);
      return memory;
    }

    void exchange(Collective group, int floats, int peer) {
      group.exchange(stream, out.pointer(), in.pointer(), 4L * floats, peer);
    }
  }

  /** What rank r sends in a round. */
  private static float[] values(int rank, int round, int floats) {
    SplittableRandom random = new SplittableRandom(1000L * round + rank);
    float[] values = new float[floats];
    for (int i = 0; i < floats; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return values;
  }

  private static void same(float[] wanted, float[] got, String what) {
    for (int i = 0; i < wanted.length; i++) {
      if (Float.floatToIntBits(wanted[i]) != Float.floatToIntBits(got[i])) {
        throw new AssertionError(what + " [" + i + "]: wanted " + wanted[i] + ", got " + got[i]);
      }
    }
  }

  /** Every call, at sizes below, at and above a piece; the ranks' number is a power of two. */
  static void everything(Device device, Collective group, int piece) {
    int rank = group.rank();
    int[] sizes = {1, 31, 1000, piece / 4 - 1, piece / 4, piece / 4 + 1, 3 * (piece / 4) + 17};
    Memory memory = Memory.of(device, 3 * (piece / 4) + 17);
    long bytes = 0;
    for (int round = 0; round < sizes.length; round++) {
      int floats = sizes[round];
      for (int distance = 1; distance < group.size(); distance *= 2) {
        int peer = rank ^ distance;
        memory.out.columns(floats).upload(values(rank, round, floats), memory.stream);
        memory.exchange(group, floats, peer);
        same(
            values(peer, round, floats),
            memory.in.columns(floats).download(memory.stream),
            "from " + peer);
        bytes += 4L * floats;
      }
      int root = round % group.size();
      memory.out.columns(floats).upload(values(rank, -round - 1, floats), memory.stream);
      group.broadcast(memory.stream, memory.out.pointer(), 4L * floats, root);
      same(
          values(root, -round - 1, floats),
          memory.out.columns(floats).download(memory.stream),
          "root " + root);
      bytes += rank == root ? 4L * floats : 0;
    }
    memory.exchange(group, 0, rank ^ 1);
    for (int floats : sizes) {
      sums(memory, group, floats);
      bytes += 4L * floats;
    }
    if (group.sentBytes() != bytes) {
      throw new AssertionError("sent " + group.sentBytes() + " bytes, wanted " + bytes);
    }
    gathers(group);
    group.barrier();
  }

  /** In any order to (p - 1) eps of the absolute terms, and on all ranks the same bits. */
  private static void sums(Memory memory, Collective group, int floats) {
    memory.out.columns(floats).upload(values(group.rank(), 77, floats), memory.stream);
    group.sum(memory.stream, memory.out.pointer(), 4L * floats);
    float[] got = memory.out.columns(floats).download(memory.stream);
    double[] wanted = new double[floats];
    double[] absolute = new double[floats];
    for (int r = 0; r < group.size(); r++) {
      float[] of = values(r, 77, floats);
      for (int i = 0; i < floats; i++) {
        wanted[i] += of[i];
        absolute[i] += Math.abs(of[i]);
      }
    }
    CRC32 digest = new CRC32();
    for (int i = 0; i < floats; i++) {
      double bound = (group.size() - 1) * 0x1p-24 * absolute[i];
      if (!(Math.abs(got[i] - wanted[i]) <= bound)) {
        throw new AssertionError(
            "sum [" + i + "] of " + floats + ": wanted " + wanted[i] + ", got " + got[i]);
      }
      digest.update(ByteBuffer.allocate(4).putFloat(0, got[i]));
    }
    byte[] mine = ByteBuffer.allocate(8).putLong(digest.getValue()).array();
    for (byte[] theirs : group.allGather(mine)) {
      if (!Arrays.equals(theirs, mine)) {
        throw new AssertionError("ranks have other bits of a sum of " + floats);
      }
    }
  }

  /** Of other lengths on each rank, none among them. */
  private static void gathers(Collective group) {
    Function<Integer, String> text = rank -> "rank".repeat(rank) + (rank == 0 ? "" : rank);
    List<byte[]> all = group.allGather(text.apply(group.rank()).getBytes(StandardCharsets.UTF_8));
    for (int r = 0; r < group.size(); r++) {
      String got = new String(all.get(r), StandardCharsets.UTF_8);
      if (!got.equals(text.apply(r))) {
        throw new AssertionError("gathered of rank " + r + ": " + got);
      }
    }
  }

  /** Rank 0 sends 100 floats, rank 1 expects 200. */
  static void otherSize(Device device, Collective group) {
    Memory memory = Memory.of(device, 200);
    memory.out.upload(new float[200], memory.stream);
    memory.exchange(group, group.rank() == 0 ? 100 : 200, 1 - group.rank());
    memory.stream.synchronize();
  }

  /** Rank 0 exchanges, rank 1 waits for all. */
  static void otherCall(Device device, Collective group) {
    Memory memory = Memory.written(device);
    if (group.rank() == 1) {
      group.barrier();
    }
    memory.exchange(group, 8, 1 - group.rank());
    memory.stream.synchronize();
  }

  /** One, of what was written. */
  static void exchange(Device device, Collective group) {
    Memory memory = Memory.written(device);
    memory.exchange(group, 8, 1 - group.rank());
    memory.stream.synchronize();
  }

  /** More is sent than there is. */
  static void beyond(Device device, Collective group) {
    Memory memory = Memory.of(device, 8);
    memory.exchange(group, 64, 1 - group.rank());
    memory.stream.synchronize();
  }

  /** Each rank takes itself for the root. */
  static void otherRoot(Device device, Collective group) {
    Memory memory = Memory.written(device);
    group.broadcast(memory.stream, memory.out.pointer(), 32, group.rank());
    memory.stream.synchronize();
  }

  /** Rank 1 expects more than rank 0 sends to all. */
  static void otherBroadcast(Device device, Collective group) {
    Memory memory = Memory.written(device);
    group.broadcast(memory.stream, memory.out.pointer(), group.rank() == 1 ? 32 : 16, 0);
    memory.stream.synchronize();
  }

  /** Of three ranks each waits for the next one, so that no message comes to anybody. */
  static void circle(Device device, Collective group) {
    Memory memory = Memory.written(device);
    memory.exchange(group, 8, (group.rank() + 1) % group.size());
    memory.stream.synchronize();
  }

  /** Rank 1 is at its end, rank 0 is not. */
  static void leaves(Device device, Collective group) {
    Memory memory = Memory.written(device);
    if (group.rank() == 0) {
      memory.exchange(group, 8, 1);
    }
    memory.stream.synchronize();
  }

  /** Rank 1 comes later than the others wait. */
  static void late(Device device, Collective group) throws InterruptedException {
    Memory memory = Memory.written(device);
    if (group.rank() == 1) {
      Thread.sleep(4 * SHORT.toMillis());
    }
    memory.exchange(group, 8, 1 - group.rank());
    memory.stream.synchronize();
  }

  /** Rank 1 kills itself with SIGKILL in the third exchange. */
  static void killed(Device device, Collective group) throws Exception {
    Memory memory = Memory.written(device);
    for (int i = 0; i < 4; i++) {
      if (group.rank() == 1 && i == 2) {
        String pid = String.valueOf(ProcessHandle.current().pid());
        new ProcessBuilder("kill", "-KILL", pid).start().waitFor();
        Thread.sleep(PATIENCE.toMillis());
      }
      memory.exchange(group, 8, 1 - group.rank());
      memory.stream.synchronize();
      System.out.println("exchange " + i + " of rank " + group.rank());
    }
  }

  /** The programs by name, under MPI. */
  static final class OnMpi {
    private OnMpi() {}

    public static void main(String[] arguments) throws Exception {
      boolean isLate = arguments[0].equals("late");
      if (arguments[0].equals("other-way") && Ranks.fromEnvironment().rank() == 1) {
        System.setProperty(MpiCuda.PROPERTY, "off");
      }
      try (Mpi group = Mpi.open(isLate ? SHORT : PATIENCE);
          Device device = Device.open()) {
        run(arguments[0], device, group, MpiStaging.PIECE);
        System.out.println("done " + group.rank() + " of " + group.size() + " " + group.engine());
      } catch (CollectiveException e) {
        System.out.println("failed: " + e.getMessage());
        System.exit(3);
      }
    }
  }

  /** The programs by name, on NCCL, started by hand. */
  static final class OnNccl {
    private OnNccl() {}

    public static void main(String[] arguments) throws Exception {
      Duration timeout = arguments[0].equals("late") ? SHORT : PATIENCE;
      int status = 0;
      try (Device device = Device.open();
          Nccl group = join(device, Ranks.fromEnvironment(), timeout)) {
        run(arguments[0], device, group, NCCL_PIECE);
        System.out.println("done " + group.rank() + " of " + group.size() + " " + group.engine());
      } catch (CollectiveException | DeviceException e) {
        System.out.println("failed: " + e.getMessage());
        status = 3;
      }
      System.exit(status);
    }

    /** A JVM may take long to start where others run: for that the ranks have more time. */
    private static Nccl join(Device device, Ranks ranks, Duration timeout) {
      byte[] mine = ranks.rank() == 0 ? Nccl.newId(device) : new byte[NcclCalls.ID_BYTES];
      byte[] id = IdExchange.of(System.getenv(), ranks, PATIENCE).spread(mine);
      return Nccl.open(device, id, ranks.rank(), ranks.size(), timeout);
    }
  }

  static void run(String program, Device device, Collective group, int piece) throws Exception {
    switch (program) {
      case "everything" -> everything(device, group, piece);
      case "other-size" -> otherSize(device, group);
      case "other-way" -> exchange(device, group);
      case "beyond" -> beyond(device, group);
      case "other-call" -> otherCall(device, group);
      case "other-root" -> otherRoot(device, group);
      case "other-broadcast" -> otherBroadcast(device, group);
      case "circle" -> circle(device, group);
      case "leaves" -> leaves(device, group);
      case "late" -> late(device, group);
      case "error" -> new MpiCalls(MpiLibrary.open()).send(0, 0, group.size(), MpiCalls.DATA);
      case "ends-late" -> Thread.sleep(500L * group.rank()); // rank 0 tells that it waits
      case "killed" -> killed(device, group);
      default -> throw new IllegalArgumentException(program);
    }
  }
}
