package dev.krongauss.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What of PTX for sm_80 the software device executes, and that it refuses the rest by name. */
final class StatementsTest {
  private static final String REGISTERS =
      ".reg .b16 %h<9>; .reg .b32 %r<9>; .reg .b64 %d<9>; .reg .pred %p<9>; .reg .f32 %f<9>;"
          + " .reg .f64 %e<9>; .reg .b128 %q<4>; .shared .align 8 .b64 bar;";

  /** Of the software device, whose PTX has no registers of 128 bits. */
  private static final String OWN_REGISTERS = REGISTERS.replace(" .reg .b128 %q<4>;", "");

  private final Device device = TestDevice.get();

  /** A line of statements.txt. */
  record Statement(String text, boolean runs, boolean newer) {
    static List<Statement> all() throws IOException {
      List<Statement> all = new ArrayList<>();
      try (InputStream in = StatementsTest.class.getResourceAsStream("statements.txt")) {
        for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
          if (!line.isBlank() && !line.startsWith("#")) {
            boolean marked = line.startsWith("- ") || line.startsWith("> ");
            all.add(
                new Statement(marked ? line.substring(2) : line, !marked, line.startsWith("> ")));
          }
        }
      }
      return all;
    }

    String opcode() {
      return text.substring(0, text.indexOf(text.contains(" ") ? ' ' : ';'));
    }
  }

  @Test
  void ptxasAgreesOnWhatIsForThisProcessor() throws IOException, InterruptedException {
    Optional<Ptxas> ptxas = Ptxas.find();
    Assumptions.assumeTrue(ptxas.isPresent(), "no ptxas");
    List<Statement> all = Statement.all();
    BitSet good = ptxas.get().accepts(REGISTERS, all.stream().map(Statement::text).toList());
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (good.get(i) == all.get(i).newer()) {
        wrong.add(all.get(i).text());
      }
    }
    assertThat(wrong).as("marked otherwise than ptxas says").isEmpty();
  }

  @Test
  void theDeviceRunsThemOrSaysWhichItRefusesAndWhatToDo() throws IOException {
    Assumptions.assumeTrue(device.isSoftware(), "a GPU runs them all");
    List<String> wrong = new ArrayList<>();
    for (Statement s : Statement.all()) {
      Optional<String> said = refusal(s);
      if (said.isPresent() == s.runs()) {
        wrong.add(s.text() + said.map(m -> ": " + m).orElse(": runs"));
      } else {
        said.filter(m -> !explains(m, s)).ifPresent(m -> wrong.add("does not explain: " + m));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void thePageOfInstructionsIsWhatTheListsSay() throws IOException {
    assertThat(InstructionTable.file())
        .as("run InstructionTable.main to write it anew")
        .hasContent(InstructionTable.text());
  }

  /** The instruction as written, its line, the kernel, and after a semicolon the way out. */
  private static boolean explains(String message, Statement s) {
    return message.contains("PTX line 7")
        && message.contains("kernel 'k'")
        && message.contains("'" + s.opcode() + "'")
        && message.contains("software device; ");
  }

  private Optional<String> refusal(Statement s) {
    String body = OWN_REGISTERS + "\n" + s.text().replaceAll("%q(\\d)", "%d$1") + "\nret;\n}\n";
    String text = Kernels.HEADER + "\n.visible .entry k(.param .u64 o)\n{\n" + body;
    try {
      device.userFunction("statement", text, "k");
      return Optional.empty();
    } catch (DeviceException e) {
      return Optional.of(e.getMessage());
    }
  }
}
