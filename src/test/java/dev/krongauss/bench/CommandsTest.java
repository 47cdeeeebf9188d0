package dev.krongauss.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** How commands say what went wrong. */
final class CommandsTest {
  private static final IOException FULL = new IOException("No space left on device");

  @Test
  void whatCannotBeWrittenIsSaidWithItsCause() {
    assertThat(said(new UncheckedIOException("cannot write checkpoint a", FULL)))
        .isEqualTo(
            "test: cannot read or write: cannot write checkpoint a: java.io.IOException: No space"
                + " left on device");
    assertThat(said(new UncheckedIOException(FULL))).containsOnlyOnce("No space left on device");
    assertThat(said(FULL))
        .isEqualTo("test: cannot read or write: java.io.IOException: No space left on device");
  }

  @Test
  void aFaultOfThisProjectShowsItsTrace() {
    assertThat(said(new IllegalStateException("lost"))).contains("lost", "\tat ");
  }

  private static String said(Exception failure) {
    StringWriter text = new StringWriter();
    CommandLine line = Commands.configure(new CommandLine(new Failing(failure)));
    line.setErr(new PrintWriter(text, true));
    assertThat(line.execute()).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    return text.toString().strip();
  }

  @Command(name = "test")
  private record Failing(Exception failure) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }
}
