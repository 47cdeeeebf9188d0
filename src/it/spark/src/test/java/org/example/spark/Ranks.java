package org.example.spark;

import dev.krongauss.device.Device;
import dev.krongauss.device.Devices;
import dev.krongauss.dist.Collective;
import dev.krongauss.dist.Nccl;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceInformation;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.Iterator$;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * Ranks as the tasks of one barrier stage: a task an executor, a device a task. A stage whose rank
 * fails is tried again by Spark as a whole, so the work begins with the last checkpoint.
 */
final class Ranks {
  /** How long a rank waits for another one. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final long FIRST_EXECUTOR_SECONDS = 60;
  private static final long NEXT_EXECUTOR_SECONDS = 15;

  private Ranks() {}

  /** What one rank does; its result goes to the driver. */
  interface Work extends Serializable {
    String run(Device device, Collective group, int attempt) throws Exception;
  }

  /** Runs the work on {@code size} ranks; the results in the ranks' order. */
  static List<String> run(JavaSparkContext spark, int size, Work work) throws Exception {
    checkSlots(spark, size);
    List<Integer> numbers = IntStream.range(0, size).boxed().toList();
    ClassTag<Tuple2<Integer, String>> tag = ClassTag$.MODULE$.apply(Tuple2.class);
    JavaRDD<Tuple2<Integer, String>> results =
        spark
            .parallelize(numbers, size)
            .rdd()
            .barrier()
            .mapPartitions(new Task(work), false, tag)
            .toJavaRDD();
    // The shuffle is what has Spark try the stage again: a barrier stage that ends the job fails
    // it.
    List<Tuple2<Integer, Iterable<String>>> grouped =
        JavaPairRDD.fromJavaRDD(results).groupByKey(1).collect();
    List<String> sorted = new ArrayList<>(Collections.nCopies(size, ""));
    grouped.forEach(pair -> sorted.set(pair._1, pair._2.iterator().next()));
    return sorted;
  }

  /**
   * Spark itself waits ten minutes for slots before it says that there are too few. Executors that
   * are still starting are waited for as long as one comes after the other.
   */
  private static void checkSlots(JavaSparkContext spark, int size) throws InterruptedException {
    int cores = spark.getConf().getInt("spark.executor.cores", 1);
    int slots = 0;
    long last = System.nanoTime();
    while (slots < size) {
      int executors = spark.sc().statusTracker().getExecutorInfos().length - 1; // one is the driver
      if (executors * cores != slots) {
        slots = executors * cores;
        last = System.nanoTime();
      }
      long patience = slots == 0 ? FIRST_EXECUTOR_SECONDS : NEXT_EXECUTOR_SECONDS;
      if (slots < size && System.nanoTime() - last > patience * 1_000_000_000) {
        throw new IllegalArgumentException(
            size
                + " ranks, and "
                + slots
                + " slots (executors times their cores): ask Spark for more executors");
      }
      Thread.sleep(100);
    }
  }

  /** One rank. */
  private static final class Task
      extends AbstractFunction1<Iterator<Integer>, Iterator<Tuple2<Integer, String>>>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final Work work;

    Task(Work work) {
      this.work = work;
    }

    @Override
    public Iterator<Tuple2<Integer, String>> apply(Iterator<Integer> numbers) {
      BarrierTaskContext task = BarrierTaskContext.get();
      int rank = numbers.next();
      try {
        return single(new Tuple2<>(rank, result(task, rank)));
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("rank " + rank + ": " + e.getMessage(), e);
      }
    }

    /** Closing leaves the group on success, and aborts it after an error. */
    private String result(BarrierTaskContext task, int rank) throws Exception {
      int size = task.getTaskInfos().length;
      try (Device device = device(task)) {
        byte[] id = id(task, rank, device);
        try (Nccl group = Nccl.open(device, id, rank, size, PATIENCE)) {
          return work.run(device, group, task.stageAttemptNumber());
        }
      }
    }

    /** The GPU that Spark gave the task, by its number; without such resources the only device. */
    private static Device device(BarrierTaskContext task) {
      ResourceInformation gpu = task.resourcesJMap().get("gpu");
      return gpu == null ? Device.open() : Devices.open(Integer.parseInt(gpu.addresses()[0]));
    }

    /** NCCL's id is rank 0's; all tasks have come when they have it. */
    private static byte[] id(BarrierTaskContext task, int rank, Device device) {
      String mine = rank == 0 ? HexFormat.of().formatHex(Nccl.newId(device)) : "";
      for (String text : task.allGather(mine)) {
        if (!text.isEmpty()) {
          return HexFormat.of().parseHex(text);
        }
      }
      throw new IllegalStateException("no rank gave an id");
    }

    private static <T> Iterator<T> single(T value) {
      return Iterator$.MODULE$.single(value);
    }
  }
}
