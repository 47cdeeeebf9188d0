package org.example.spark;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.dist.Collective;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * A small autoencoder, trained by all ranks with a checkpoint after every few updates, in a folder
 * that all of them see. Begins with the checkpoint that is there.
 *
 * @param folder of the checkpoint
 * @param updates in all
 * @param every so many a checkpoint
 * @param kills rank 1 with SIGKILL before this update, in the first attempt; -1 for never
 */
record CurvesTraining(String folder, int updates, int every, int kills) implements Ranks.Work {
  private static final int BATCH = 64;
  private static final int CHUNKS = 8;
  private static final long SEED = 1;

  @Override
  public String run(Device device, Collective group, int attempt) throws Exception {
    Dataset data = Curves.generate(256, SEED);
    try (Network net =
            Network.input(Curves.WIDTH)
                .dense(16, Activation.TANH)
                .dense(6, Activation.TANH)
                .dense(16, Activation.TANH)
                .dense(Curves.WIDTH, Activation.IDENTITY)
                .build(device, SEED);
        Batches batches = Batches.shard(device, data, BATCH, SEED, group.rank(), group.size());
        GaussNewton optimizer =
            GaussNewton.kfra().chunks(CHUNKS).ranks(group).build(net, Loss.bernoulli())) {
      Map<String, Resumable> parts =
          Map.of("weights", Resumable.weights(net), "optimizer", optimizer, "batches", batches);
      Path file = Path.of(folder, "checkpoint.safetensors");
      if (Files.exists(file)) {
        Checkpoint.load(file, device.stream(), parts);
      }
      long first = batches.position();
      group.barrier(); // nobody writes before all have read
      for (long update = first; update < updates; update++) {
        dieIfAsked(group, attempt, update);
        optimizer.step(batches.next());
        if ((update + 1) % every == 0) {
          if (group.rank() == 0) {
            Checkpoint.save(file, device.stream(), parts);
          }
          group.barrier(); // nobody is more than this far ahead of what would be gone back to
        }
      }
      device.synchronize();
      return "first update " + first + ", attempt " + attempt + ", weights " + sum(net, device);
    }
  }

  private void dieIfAsked(Collective group, int attempt, long update) throws Exception {
    if (group.rank() == 1 && attempt == 0 && update == kills) {
      String pid = String.valueOf(ProcessHandle.current().pid());
      new ProcessBuilder("kill", "-KILL", pid).start().waitFor();
      Thread.sleep(60_000);
    }
  }

  private static String sum(Network net, Device device) {
    CRC32 sum = new CRC32();
    for (var weights : net.parameters()) {
      for (float w : weights.download(device.stream())) {
        int bits = Float.floatToIntBits(w);
        for (int shift = 0; shift < 32; shift += 8) {
          sum.update(bits >>> shift);
        }
      }
    }
    return Long.toHexString(sum.getValue());
  }
}
