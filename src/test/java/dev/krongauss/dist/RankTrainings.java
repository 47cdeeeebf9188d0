package dev.krongauss.dist;

import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.model.Batch;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** What a rank under MPI trains, and what befalls one of them; each process runs one rank. */
final class RankTrainings {
  /** A file that names another version for {@code dev.krongauss.optim}. */
  static final String JAR = "krongauss.test.other-version";

  private static final int N = 32;

  /** Longer than any test may take. */
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final String trouble;
  private final Path checkpoint;

  private RankTrainings(String trouble, Path checkpoint) {
    this.trouble = trouble;
    this.checkpoint = checkpoint;
  }

  /**
   * Prints what each update was, and at the end a digest of the weights.
   *
   * @param arguments trouble, which is rank 1's; updates; where rank 0 keeps a checkpoint, from
   *     which all go on where it is there
   */
  public static void main(String[] arguments) throws Exception {
    boolean last = Ranks.fromEnvironment().rank() == 1;
    if (arguments[0].equals("version") && last && isThisVersion()) {
      inOtherVersion(arguments);
      return;
    }
    if (arguments[0].equals("accuracy") && last) {
      System.setProperty("krongauss.curvature", "tf32");
    }
    RankTrainings training = new RankTrainings(last ? arguments[0] : "none", Path.of(arguments[2]));
    try (Mpi group = Mpi.open(PATIENCE)) {
      training.run(group, Integer.parseInt(arguments[1]));
    } catch (CollectiveException | IllegalArgumentException e) {
      System.out.println("failed: " + e.getMessage());
      System.exit(3);
    }
  }

  private static boolean isThisVersion() {
    return RankTrainings.class.getClassLoader() == ClassLoader.getSystemClassLoader();
  }

  /** The same class path, the other version before it. */
  private static void inOtherVersion(String[] arguments) throws Exception {
    List<URL> urls = new ArrayList<>(List.of(Path.of(System.getProperty(JAR)).toUri().toURL()));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(
            urls.toArray(URL[]::new), ClassLoader.getSystemClassLoader().getParent())) {
      Thread.currentThread().setContextClassLoader(loader);
      var main = loader.loadClass(RankTrainings.class.getName()).getMethod("main", String[].class);
      main.setAccessible(true);
      main.invoke(null, (Object) arguments);
    }
  }

  private void run(Mpi group, int updates) throws Exception {
    int shard = trouble.equals("shard") ? 0 : group.rank();
    try (Device device = Device.open();
        Network network = RankThreads.network(device);
        Batches batches = Batches.shard(device, RankThreads.data(), N, 3, shard, group.size());
        Optimizer kfra =
            GaussNewton.kfra()
                .refreshEvery(2)
                .mostRejected(trouble.equals("options") ? 7 : 50)
                .ranks(group)
                .build(network, Loss.softmax())) {
      Map<String, Resumable> parts = new LinkedHashMap<>();
      parts.put("weights", Resumable.weights(network));
      parts.put("optimizer", kfra);
      parts.put("batches", batches);
      if (Files.exists(checkpoint)) {
        Checkpoint.load(checkpoint, device.stream(), parts);
        group.barrier(); // before rank 0 writes the next one
      }
      while (batches.position() < updates) {
        long update = batches.position();
        Batch batch = spoilt(batches.next(), update, device);
        kill(update);
        boolean accepted = kfra.step(batch).accepted();
        System.out.println("rank " + group.rank() + " update " + update + " " + accepted);
        if (group.rank() == 0) {
          Checkpoint.save(checkpoint, device.stream(), parts);
        }
      }
      System.out.println("rank " + group.rank() + " ends with " + digest(network));
    }
  }

  private Batch spoilt(Batch batch, long update, Device device) {
    if (trouble.equals("nan") && update == 1) {
      Matrix inputs = batch.inputs();
      float[] row = new float[inputs.columns()];
      Arrays.fill(row, Float.NaN);
      inputs.rows(1, 1).upload(row, device.stream());
    }
    return batch;
  }

  private void kill(long update) throws Exception {
    if (trouble.equals("killed") && update == 4) {
      String pid = String.valueOf(ProcessHandle.current().pid());
      new ProcessBuilder("kill", "-KILL", pid).start().waitFor();
      Thread.sleep(PATIENCE.toMillis());
    }
  }

  private static String digest(Network network) {
    CRC32 crc = new CRC32();
    for (float[] W : network.weights()) {
      for (float w : W) {
        crc.update(Integer.toString(Float.floatToRawIntBits(w)).getBytes());
      }
    }
    return Long.toHexString(crc.getValue());
  }
}
