package dev.krongauss.bench.compare;

import dev.krongauss.bench.peers.PeerChoice;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.PaperProblem;
import dev.krongauss.bench.problem.Problem;
import dev.krongauss.bench.problem.TableOptions;
import dev.krongauss.bench.run.Conditions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code bench/compare}; {@link OptionChecks} fills in defaults and checks them. */
final class CompareOptions {
  @Mixin TableOptions table = new TableOptions();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      order = 2,
      description =
          "Folder with train-images-idx3-ubyte(.gz) for mnist, its train-labels-idx1-ubyte(.gz) for"
              + " oddeven, or olivetti-images-idx3-ubyte(.gz) for faces, itself or in its"
              + " sub-folder mnist/ or faces/. Default: the environment's KRONGAUSS_DATA, else"
              + " bench/data, where bench/fetch puts them.")
  Path dataDir;

  @Mixin SineOptions sine = new SineOptions();

  @Option(
      names = "--optimizers",
      paramLabel = "LIST",
      split = ",",
      defaultValue = "kfra,kfra:paper,adam",
      order = 3,
      description =
          "Comma-separated, run in this order: kfra, kflr, kfac, exact, auto, adam, muon, sgd,"
              + " momentum, nesterov, each with options behind colons: rate=X and halve=UPDATES for"
              + " first-order methods, scale=rms for muon; no-average, paper (the paper's"
              + " algorithm, one step length for all layers) and, with it, momentum for the others."
              + " For example kfra:paper:no-average,adam:rate=2^-9:halve=200. Default:"
              + " ${DEFAULT-VALUE}, for a table kflr,kfra,adam, for sine exact,kflr,adam.")
  List<String> optimizers = new ArrayList<>();

  @Option(
      names = "--averages",
      paramLabel = "on|off|both",
      converter = Averages.Converter.class,
      defaultValue = "on",
      order = 4,
      description =
          "Whether the curvature of second-order methods is averaged over batches: as named, never,"
              + " or each once with and once without (with dots in the pictures). Default:"
              + " ${DEFAULT-VALUE}.")
  Averages averages = Averages.ON;

  @Option(
      names = "--updates",
      paramLabel = "N",
      order = 5,
      description = "Stop each optimiser after N updates. Default: no limit.")
  Long updates;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      order = 6,
      description =
          "Stop each optimiser after S seconds of training. Default: 60, or no limit where"
              + " --updates is given; with both, whichever comes first.")
  Double seconds;

  @Option(
      names = "--batch",
      paramLabel = "N",
      order = 7,
      description =
          "Rows a mini-batch. Default: 500 for curves, 1000 for the paper's others, all of sine up"
              + " to 4096, and a tenth of a table's training rows, but 100 to 1000.")
  Integer batch;

  @Option(
      names = "--scale",
      paramLabel = "F",
      order = 8,
      description =
          "Multiplies the hidden widths 1000-500-250-30-250-500-1000 (rounded half up, at least 1)."
              + " Default: 0.25 for curves, 1 for the others; a table and sine have --hidden"
              + " instead.")
  Double scale;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      order = 9,
      description =
          "Learning rate of every first-order method without a rate of its own. Default: 1e-3 for"
              + " adam, 2^-4 for muon, 1e-2 for sgd, 3e-3 for momentum and nesterov.")
  Double learningRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      order = 10,
      description =
          "Decides the first weights and the order of the batches, the same for every optimiser."
              + " Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      order = 11,
      description =
          "Run every optimiser from N seeds, --seed and those that follow it; tables then show the"
              + " mean and the range. Default: ${DEFAULT-VALUE}.")
  int seeds = 1;

  @Option(
      names = "--data-seed",
      paramLabel = "N",
      defaultValue = "1",
      order = 12,
      description =
          "Decides the generated rows of curves, faces and sine, and which rows of a table are held"
              + " out, apart from --seed so that several seeds can train on the same data. Default:"
              + " ${DEFAULT-VALUE}.")
  long dataSeed = 1;

  @Option(
      names = "--peer",
      paramLabel = "LIST",
      split = ",",
      order = 13,
      description =
          "Also run the same training in other frameworks, from bench/peers: torch-adam,"
              + " torch-adam-graph (on a GPU), torch-adamw, torch-muon, torch-kfra,"
              + " torch-kfra-layers, backpack-kfra, kfac-jax, with options behind colons: rate=X"
              + " and halve=UPDATES; decay=X of torch-adamw; of torch-muon also scale=rms,"
              + " adam-rate=X, ends=adam; method=kfac of torch-kfra-layers; damping=0.01, 0.1, 1,"
              + " 10 or 150 of kfac-jax; grid for each value of its rate or damping. Python is the"
              + " first of KRONGAUSS_PYTHON, python3, python and /usr/bin/python3 that imports what"
              + " is needed.")
  List<String> peerNames = new ArrayList<>();

  @Mixin RankOptions ranks = new RankOptions();
  @Mixin GridOptions grid = new GridOptions();
  @Mixin EvaluationOptions evaluation = new EvaluationOptions();

  @Option(
      names = "--paper",
      order = 20,
      description =
          "The paper's comparison and Muon, for a GPU: full width, batches of 1000, every one with"
              + " and without averages, the grid at full width, 5,000 updates each. Options given"
              + " beside it win.")
  boolean paper;

  @Option(
      names = "--device",
      paramLabel = "KIND",
      converter = DeviceKind.Converter.class,
      order = 21,
      description =
          "cuda (a GPU or an error) or software (SoftCUDA, on the CPU). Default: a GPU if there is"
              + " one, else SoftCUDA.")
  DeviceKind device;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      order = 22,
      description = "Run folder. Default: bench/out/<time>-<data>-<optimisers> in the project.")
  Path out;

  @Option(
      names = "--force",
      order = 23,
      description = "Overwrite the run in --out if there is one.")
  boolean force;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      order = 24,
      description =
          "Go on with the run in this folder, which was stopped, as if it had not been: its options"
              + " hold; only --data-dir, --no-pictures, --engine and --rank-timeout may be given"
              + " anew, and the number of ranks may be another.")
  Path resume;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "S",
      defaultValue = "60",
      order = 25,
      description =
          "Write a checkpoint after every S seconds of training, off the clock; 0 for none."
              + " Default: ${DEFAULT-VALUE}.")
  double checkpointSeconds = 60;

  @Option(
      names = "--no-costs",
      order = 26,
      description =
          "Leave out what follows the runs: time a phase, launches and memory of an update of each"
              + " method, from forty updates.")
  boolean noCosts;

  @Option(
      names = "--no-pictures",
      order = 27,
      description =
          "Leave out the pictures and the page. Where Java has no fonts or graphics, pictures are"
              + " left out anyway.")
  boolean noPictures;

  /** What {@link #table} names; {@link OptionChecks}. */
  Problem data = PaperProblem.CURVES;

  /** The contenders that {@link #optimizers} and {@link #averages} name; {@link OptionChecks}. */
  List<Contender> contenders = List.of();

  /** What {@link #peerNames} stands for; {@link OptionChecks}. */
  List<PeerChoice> peers = List.of();

  /**
   * What results by these options hold for.
   *
   * @param network that is trained
   * @param lossName the loss in words
   */
  Conditions conditions(NetworkShape network, String lossName, boolean gpu) {
    return new Conditions(
        data,
        lossName,
        network,
        scale,
        batch,
        seed,
        seeds,
        gpu,
        grid.scale,
        grid.updates,
        evaluation.patience == null ? 0 : evaluation.patience);
  }

  /** Every option with the value that is in force, in the order of the help text. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>(table.asMap());
    map.putAll(sine.asMap());
    map.put("data-dir", dataDir == null ? null : dataDir.toString());
    map.put("optimizers", contenders.stream().map(Contender::label).toList());
    map.put("averages", averages.toString());
    map.put("updates", updates);
    map.put("seconds", seconds);
    map.put("batch", batch);
    map.put("scale", scale);
    map.put("learning-rate", learningRate);
    map.put("seed", seed);
    map.put("seeds", seeds);
    map.put("data-seed", dataSeed);
    map.put("peer", peers.stream().map(PeerChoice::label).toList());
    map.putAll(ranks.asMap());
    map.putAll(grid.asMap());
    map.putAll(evaluation.asMap());
    map.put("paper", paper);
    map.put("device", device == null ? null : device.toString());
    map.put("out", out == null ? null : out.toString());
    map.put("force", force);
    map.put("checkpoint-seconds", checkpointSeconds);
    map.put("no-costs", noCosts);
    map.put("no-pictures", noPictures);
    return map;
  }
}
