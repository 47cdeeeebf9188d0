package dev.krongauss.mutation;

import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** Runs mutants and clean kernels in several processes, and hands the verdicts on in order. */
final class Campaign implements AutoCloseable {
  private static final int MUTANT_SECONDS = 300;
  private static final int CLEAN_SECONDS = 900;

  /** A mutant, or a kernel case or sample as it is, and what became of it. */
  record Outcome(String name, String file, Verdict verdict) {}

  private final Compiler compiler;
  private final int seeds;
  private final String checks;
  private final ExecutorService threads;
  private final BlockingQueue<WorkerProcess> idle = new LinkedBlockingQueue<>();
  private final List<WorkerProcess> workers = new ArrayList<>();

  /**
   * @param home the project's folder
   * @param work gets the edited sources, what is made of them, and logs; emptied first
   * @param jobs processes at a time
   * @param seeds orders 1 to {@code seeds}
   * @param checks the checks that are on
   */
  Campaign(Path home, Path work, int jobs, int seeds, String checks) throws IOException {
    Compiler.delete(work);
    Files.createDirectories(work);
    compiler = new Compiler(home, work);
    this.seeds = seeds;
    this.checks = checks;
    threads = Executors.newFixedThreadPool(jobs);
    for (int i = 0; i < jobs; i++) {
      workers.add(new WorkerProcess(work.resolve("worker-" + i + ".log"), checks));
    }
    idle.addAll(workers);
  }

  /** What is wrong with the mutants themselves: one line for each text or case that is gone. */
  List<String> faults(List<Mutant> mutants) throws IOException {
    List<String> faults = new ArrayList<>();
    for (Mutant mutant : mutants) {
      try {
        compiler.edited(mutant);
      } catch (IllegalArgumentException e) {
        faults.add(mutant.name() + ": " + mutant.file() + ": " + e.getMessage());
      }
      for (String selection : mutant.cases()) {
        if (KernelCases.all().stream().noneMatch(c -> Worker.selects(selection, c))) {
          faults.add(mutant.name() + ": no kernel case is called " + selection);
        }
      }
    }
    return faults;
  }

  /** Runs the mutants, each until something stops it. */
  List<Outcome> mutants(List<Mutant> mutants, Consumer<Outcome> report)
      throws InterruptedException {
    List<Callable<Outcome>> tasks = new ArrayList<>();
    for (Mutant mutant : mutants) {
      tasks.add(() -> new Outcome(mutant.name(), mutant.file(), verdict(mutant)));
    }
    return inOrder(tasks, report);
  }

  /** Runs kernel cases and samples as they are, under every seed. */
  List<Outcome> clean(
      List<KernelCase> kernels, List<String> samples, Consumer<Outcome> report)
      throws InterruptedException {
    List<Callable<Outcome>> tasks = new ArrayList<>();
    for (KernelCase kernel : kernels) {
      tasks.add(
          () -> new Outcome(kernel.name(), "", onWorker("", List.of(kernel.name()), CLEAN_SECONDS)));
    }
    for (String name : samples) {
      tasks.add(
          () -> {
            Sample sample = compiler.sample(name, null);
            return new Outcome("sample " + name, "", sample.run(seeds, checks, CLEAN_SECONDS));
          });
    }
    return inOrder(tasks, report);
  }

  private Verdict verdict(Mutant mutant) throws IOException, InterruptedException {
    try {
      if (mutant.isSample()) {
        return compiler.sample(mutant.sample(), mutant).run(seeds, checks, MUTANT_SECONDS);
      }
      Path ptx = compiler.kernels(mutant);
      return onWorker(ptx.toString(), mutant.cases(), MUTANT_SECONDS);
    } catch (Compiler.CompileException e) {
      return Verdict.broken("it does not compile:\n" + e.getMessage());
    }
  }

  private Verdict onWorker(String kernels, List<String> cases, int secondsAtMost)
      throws InterruptedException {
    WorkerProcess worker = idle.take();
    try {
      return worker.run(kernels, seeds, cases, secondsAtMost);
    } finally {
      idle.add(worker);
    }
  }

  private List<Outcome> inOrder(List<Callable<Outcome>> tasks, Consumer<Outcome> report)
      throws InterruptedException {
    List<Future<Outcome>> futures = new ArrayList<>();
    tasks.forEach(task -> futures.add(threads.submit(task)));
    List<Outcome> outcomes = new ArrayList<>();
    for (Future<Outcome> future : futures) {
      try {
        Outcome outcome = future.get();
        outcomes.add(outcome);
        report.accept(outcome);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    return outcomes;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    workers.forEach(WorkerProcess::close);
  }
}
