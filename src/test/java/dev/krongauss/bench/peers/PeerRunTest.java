package dev.krongauss.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process around a peer, which here is a script of the test. */
@Timeout(60)
final class PeerRunTest {
  private static final Limits LIMITS = new Limits(5, 2.5);
  private static final String HEADING = "echo optimizer,seed,update,seconds,objective,sliding_mean";
  private static final String ROW = "echo torch-adam,4,1,0.5,7.25,7.25";

  @TempDir private Path folder;

  @Test
  void handsOverRowsAndFacts() throws Exception {
    Interpreter peer =
        script(
            """
            echo "$OMP_WAIT_POLICY $OPENBLAS_NUM_THREADS $@" >&2
            while [ $# -gt 1 ]; do [ "$1" = --facts ] && echo '{"torch": "9.9"}' >"$2"; shift; done
            """,
            HEADING,
            ROW,
            "echo torch-adam,4,2,1,NaN,NaN");
    List<PeerRow> rows = new ArrayList<>();
    PeerResult result =
        PeerRun.of(PeerKind.TORCH_ADAM, peer)
            .scripts(folder)
            .threads(2)
            .adam(0.5, 0.25, 8)
            .run(folder, LIMITS, rows::add);
    assertThat(result.failure()).isNull();
    assertThat(result.status()).isZero();
    assertThat(result.updates()).isEqualTo(2);
    assertThat(result.seconds()).isEqualTo(1);
    assertThat(result.facts()).containsEntry("torch", "9.9");
    assertThat(rows.get(0)).isEqualTo(new PeerRow("torch-adam", 4, 1, 0.5, 7.25, 7.25));
    assertThat(rows.get(1).objective()).isNaN();
    assertThat(Files.readString(folder.resolve("torch-adam.log")))
        .contains(
            "PASSIVE 2 " + folder.resolve("torch_adam.py"),
            "--updates 5 --seconds 2.5",
            "--threads 2",
            "--learning-rate 0.5 --beta1 0.25 --halve-every 8");
  }

  @Test
  void evaluationsComeAtTheEnd() throws Exception {
    Path file = folder.resolve("torch-adam.evaluation.csv");
    Interpreter peer =
        script(
            "echo \"$@\" >&2",
            "echo optimizer,seed,update,seconds,objective,rmse,r2,log_loss,accuracy,auc > '%s'"
                .formatted(file),
            "echo torch-adam,4,1,0.25,3.5,2,NaN,,, >> '%s'".formatted(file),
            "printf torch-adam,4,2,0.5 >> '%s'".formatted(file), // stopped within a line
            HEADING,
            ROW);
    List<PeerEvaluation> told = new ArrayList<>();
    PeerRun.of(PeerKind.TORCH_ADAM, peer)
        .scripts(folder)
        .evaluations(told::add)
        .stopAfter(5)
        .run(folder, LIMITS, row -> assertThat(told).isEmpty());
    double none = Double.NaN;
    assertThat(told)
        .containsExactly(
            new PeerEvaluation("torch-adam", 4, 1, 0.25, 3.5, 2, none, none, none, none));
    assertThat(Files.readString(folder.resolve("torch-adam.log")))
        .contains("--stop-after 5", "--evaluation " + file);
  }

  /** The script ends when the first row was seen here, which is before it ends. */
  @Test
  void rowsComeAsTheyAreWritten() throws Exception {
    Path seen = folder.resolve("seen");
    Interpreter peer =
        script(HEADING, ROW, "until [ -e '%s' ]; do sleep 0.05; done".formatted(seen));
    PeerResult result = run(peer, row -> create(seen));
    assertThat(result.failure()).isNull();
    assertThat(result.updates()).isEqualTo(1);
  }

  @Test
  void aFailureHasTheStatusAndTheLog() throws Exception {
    Interpreter peer = script(HEADING, ROW, "echo no memory for a tensor >&2", "exit 4");
    PeerResult result = run(peer, row -> {});
    assertThat(result.failed()).isTrue();
    assertThat(result.status()).isEqualTo(4);
    assertThat(result.failure()).contains("exit status 4", "no memory for a tensor");
    assertThat(result.updates()).isEqualTo(1);
    assertThat(result.asMap()).containsEntry("peer", "torch-adam").containsEntry("status", 4);
  }

  @Test
  void rowsThatAreNoneAreAFailure() throws Exception {
    PeerResult result = run(script(HEADING, "echo torch-adam,4,one,2,3,4", "sleep 60"), row -> {});
    assertThat(result.failure()).contains("cannot be read", "one");
  }

  @Test
  void whatTakesTooLongIsStopped() throws Exception {
    Interpreter peer = script(HEADING, ROW, note(), "sleep 60");
    PeerResult result =
        PeerRun.of(PeerKind.TORCH_KFRA, peer)
            .scripts(folder)
            .patience(1)
            .run(folder, LIMITS, r -> {});
    assertThat(result.failure()).startsWith("stopped after 1 s");
    assertThat(result.status()).isEqualTo(-1);
    assertGone();
  }

  @Test
  void anInterruptStopsTheProcess() throws Exception {
    Interpreter peer = script(note(), HEADING, ROW, "sleep 60");
    CountDownLatch row = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                run(peer, r -> row.countDown());
              } catch (InterruptedException | IOException e) {
                thrown.set(e);
              }
            });
    thread.start();
    assertThat(row.await(30, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    thread.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertGone();
  }

  @Test
  void aConsumerThatThrowsStopsTheProcess() throws Exception {
    Interpreter peer = script(note(), HEADING, ROW, "sleep 60");
    assertThatThrownBy(
            () ->
                run(
                    peer,
                    row -> {
                      throw new IllegalStateException("disk full");
                    }))
        .hasMessage("disk full");
    assertGone();
  }

  @Test
  void settingsOfOtherPeersAreRefused() {
    PeerRun adam = PeerRun.of(PeerKind.TORCH_ADAM, new Interpreter("python3", Map.of(), Map.of()));
    assertThatThrownBy(() -> adam.curvatureAverage(false))
        .hasMessage("torch-adam has no curvature average; leave it out");
    PeerRun kfra = PeerRun.of(PeerKind.TORCH_KFRA, new Interpreter("python3", Map.of(), Map.of()));
    assertThatThrownBy(() -> kfra.adam(1e-3, 0.9, 0))
        .hasMessage("torch-kfra has no settings of Adam; leave it out");
  }

  private PeerResult run(Interpreter peer, Consumer<PeerRow> rows)
      throws IOException, InterruptedException {
    return PeerRun.of(PeerKind.TORCH_ADAM, peer).scripts(folder).run(folder, LIMITS, rows);
  }

  private Interpreter script(String... lines) throws IOException {
    Path file = folder.resolve("python");
    Files.writeString(file, "#!/bin/bash\n" + String.join("\n", lines) + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return new Interpreter(file.toString(), Map.of(), Map.of());
  }

  /** A line of a script that writes its process id. */
  private String note() {
    return "echo $$ >'" + folder.resolve("pid") + "'";
  }

  private void assertGone() throws IOException {
    long pid = Long.parseLong(Files.readString(folder.resolve("pid")).trim());
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  private static void create(Path file) {
    try {
      Files.createFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
