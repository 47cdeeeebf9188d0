package org.example.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two executors, each a JVM, on one machine: SoftCUDA and its NCCL, or two GPUs. */
final class SparkTest {
  private static final int UPDATES = 12;

  /** One local run in five was seen not to begin its second attempt: an error then, no hang. */
  @Test
  @Timeout(600)
  void aKilledExecutorCostsNoBits(@TempDir Path whole, @TempDir Path broken) throws Exception {
    List<String> undisturbed = run(spark -> ranks(spark, whole, -1));
    List<String> resumed = run(spark -> ranks(spark, broken, 9));
    for (int r = 0; r < 2; r++) {
      assertTrue(undisturbed.get(r).startsWith("first update 0, attempt 0"), undisturbed.get(r));
      assertTrue(resumed.get(r).startsWith("first update 8, attempt 1"), resumed.get(r));
      assertEquals(weights(undisturbed.get(0)), weights(undisturbed.get(r)));
      assertEquals(weights(undisturbed.get(0)), weights(resumed.get(r)));
    }
  }

  @Test
  @Timeout(300)
  void tooFewSlotsAreSaidAtOnce(@TempDir Path folder) {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> run(spark -> Ranks.run(spark, 3, new CurvesTraining(folder + "", 1, 1, -1))));
    assertEquals(
        "3 ranks, and 2 slots (executors times their cores): ask Spark for more executors",
        e.getMessage());
  }

  private static String weights(String result) {
    return result.substring(result.indexOf("weights"));
  }

  private static List<String> ranks(JavaSparkContext spark, Path folder, int kills)
      throws Exception {
    return Ranks.run(spark, 2, new CurvesTraining(folder.toString(), UPDATES, 4, kills));
  }

  private interface Job {
    List<String> run(JavaSparkContext spark) throws Exception;
  }

  private static List<String> run(Job job) throws Exception {
    SparkConf conf =
        new SparkConf()
            .setAppName("krongauss")
            .setMaster("local-cluster[2,1,1024]")
            .set("spark.ui.enabled", "false")
            .set("spark.executor.cores", "1")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .set(
                "spark.executor.extraJavaOptions",
                "-XX:TieredStopAtLevel=1 -Dkrongauss.softcuda.check=all");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      return job.run(spark);
    }
  }
}
