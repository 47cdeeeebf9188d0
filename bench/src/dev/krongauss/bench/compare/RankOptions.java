package dev.krongauss.bench.compare;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.LowerCaseEnum;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Devices;
import dev.krongauss.dist.Ranks;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How batches are cut, and by what means ranks that a launcher has started speak. */
final class RankOptions {
  /** Values of {@code --engine}. */
  enum Engine {
    MPI,
    NCCL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** For {@code --engine}. */
    static final class Converter extends LowerCaseEnum<Engine> {
      Converter() {
        super(values());
      }
    }
  }

  /** What {@code --shard} is for. */
  private static final Set<OptimizerKind> SHARDED =
      EnumSet.of(OptimizerKind.KFRA, OptimizerKind.KFLR, OptimizerKind.KFAC);

  @Option(
      names = "--chunks",
      paramLabel = "N",
      order = 15,
      description =
          "Cut each batch into 1, 2, 4, 8 or 16 chunks whose sums are added in one tree, so that"
              + " results are the same bits on any number of ranks (mpirun -np P bench/compare"
              + " ...). Default: whole batches. Not for auto.")
  Integer chunks;

  @Option(
      names = "--shard",
      order = 15,
      description =
          "Have each rank keep the factors, inverses and gradients of its own layers alone: of kfra,"
              + " kflr and kfac, with the same bits and less memory; others have all of theirs on"
              + " each rank. With --chunks, and a layer at least for each rank.")
  boolean shard;

  @Option(
      names = "--engine",
      paramLabel = "mpi|nccl",
      converter = Engine.Converter.class,
      defaultValue = "mpi",
      order = 15,
      description =
          "How ranks exchange: mpi, or nccl, whose id goes by MASTER_ADDR and MASTER_PORT. Default:"
              + " ${DEFAULT-VALUE}. For ranks alone.")
  Engine engine = Engine.MPI;

  @Option(
      names = "--rank-timeout",
      paramLabel = "S",
      defaultValue = "300",
      order = 15,
      description =
          "Seconds that a rank waits for another one before that is an error. Default:"
              + " ${DEFAULT-VALUE}.")
  long timeout = 300;

  /** What the launcher says; {@link #check}. */
  Ranks launched = Ranks.alone();

  /** A run that goes on may exchange by other means, and wait longer or less. */
  void goOn(RankOptions now, CommandLine.ParseResult given) {
    if (given.hasMatchedOption("--engine")) {
      engine = now.engine;
    }
    if (given.hasMatchedOption("--rank-timeout")) {
      timeout = now.timeout;
    }
  }

  /** Reads what the launcher says, and checks that all ranks can do the same. */
  void check(CommandLine command, CompareOptions options, Map<String, String> environment) {
    try {
      launched = Ranks.of(environment);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(command, e.getMessage(), e);
    }
    Commands.require(
        command,
        chunks == null || (chunks >= 1 && chunks <= 16 && Integer.bitCount(chunks) == 1),
        "--chunks %s: batches are cut into 1, 2, 4, 8 or 16",
        chunks);
    Commands.require(
        command,
        timeout >= 1 && timeout <= 1_000_000,
        "--rank-timeout %s: give seconds, 1 to 1000000",
        timeout);
    Commands.require(
        command,
        chunks == null
            || options.contenders.stream().noneMatch(c -> c.kind() == OptimizerKind.AUTO),
        "--optimizers %s: auto chooses by whole batches; name the method, or leave out --chunks",
        options.optimizers);
    Commands.require(
        command,
        chunks == null || options.contenders.stream().noneMatch(c -> c.momentum()),
        "--optimizers %s: momentum of second-order updates goes by whole batches; leave it out, or"
            + " --chunks",
        options.optimizers);
    if (shard) {
      checkShard(command, options);
    }
    if (launched.size() > 1) {
      several(command, options);
    }
  }

  private void checkShard(CommandLine command, CompareOptions options) {
    Commands.require(
        command,
        chunks != null,
        "--shard shares out what ranks have in common, and they cut batches; add --chunks 8, or"
            + " leave it out");
    for (Contender each : options.contenders) {
      Commands.require(
          command,
          !each.paper(),
          "--optimizers %s: --shard shares out layers, and %s has one step length for all of them;"
              + " leave one of the two out",
          options.optimizers,
          each.label());
    }
    Commands.require(
        command,
        options.contenders.stream().anyMatch(c -> SHARDED.contains(c.kind())),
        "--shard has no effect on %s; leave it out, or add kfra, kflr or kfac",
        options.optimizers);
  }

  /**
   * Checks, when the data say how many layers and rows there are, that each rank has a layer to
   * keep and each chunk a row.
   *
   * @param network that is trained
   * @param batch rows of a mini-batch, of all ranks
   */
  void checkShares(CommandLine command, NetworkShape network, int batch) {
    Commands.require(
        command,
        chunks == null || chunks <= batch,
        "--chunks %s: each has a row at least, and a batch has %s; give fewer, or a larger --batch",
        chunks,
        batch);
    int layers = network.sizes().length - 1;
    Commands.require(
        command,
        !shard || launched.size() <= layers,
        "%s: --shard gives each rank a layer at least, and %s has %d; start fewer ranks, or leave it"
            + " out",
        launched,
        network,
        layers);
  }

  /** Clocks differ: what goes by time would part the ranks. */
  private void several(CommandLine command, CompareOptions options) {
    Commands.require(
        command,
        Integer.bitCount(launched.size()) == 1 && launched.size() <= 16,
        "%s: ranks have equal shares of the chunks, so that they are 1, 2, 4, 8 or 16; start so many",
        launched);
    Commands.require(
        command,
        chunks != null && launched.size() <= chunks,
        "%s: each rank takes chunks of a batch, and --chunks is %s; give at least as many as ranks,"
            + " for example --chunks %d",
        launched,
        chunks == null ? "not given" : chunks,
        Math.max(8, launched.size()));
    Commands.require(
        command,
        options.updates != null && options.seconds == null,
        "%s: ranks stop together, after --updates N; give that, and no --seconds",
        launched);
    Commands.require(
        command,
        !options.grid.on && options.peers.isEmpty(),
        "%s: --grid and --peer are for one process; leave them out",
        launched);
    options.noCosts = true; // of one process' updates
  }

  /** The device of this rank: the only one, or that of its number on this machine. */
  Device open() {
    int devices = Devices.count();
    if (launched.size() == 1 || devices == 1) {
      return Device.open();
    }
    if (launched.localRank() >= devices) {
      throw new DeviceException(
          String.format(
              Locale.ROOT,
              "%s is number %d of this machine, which has %d GPUs: start fewer ranks here",
              launched,
              launched.localRank(),
              devices));
    }
    return Devices.open(launched.localRank());
  }

  Duration patience() {
    return Duration.ofSeconds(timeout);
  }

  /** Every option with the value that is in force. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("chunks", chunks);
    map.put("shard", shard);
    map.put("ranks", launched.size());
    map.put("engine", launched.size() == 1 ? null : engine.toString());
    map.put("rank-timeout", timeout);
    return map;
  }
}
