package dev.krongauss.ptx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** NVIDIA's assembler, which says what PTX for sm_80 is; it comes with nvcc. */
final class Ptxas {
  private static final Pattern ERROR = Pattern.compile("line (\\d+); error");
  private static final int SECONDS = 120;

  private final Path program;

  private Ptxas(Path program) {
    this.program = program;
  }

  static Optional<Ptxas> find() {
    return Stream.concat(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(":")),
            Stream.of("/usr/local/cuda/bin"))
        .map(folder -> Path.of(folder).resolve("ptxas"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Ptxas::new);
  }

  /**
   * Which of the lines are instructions for sm_80. All stand in one kernel; one more that is none
   * keeps the assembler from going on to generate code.
   */
  BitSet accepts(String registers, List<String> lines) throws IOException, InterruptedException {
    List<String> text = new ArrayList<>(List.of(Kernels.HEADER.split("\n")));
    text.add(".visible .entry k(.param .u64 o)");
    text.add("{");
    text.addAll(List.of(registers.split("\n")));
    int first = text.size() + 1;
    text.addAll(lines);
    text.addAll(List.of("not.an.instruction;", "ret;", "}"));
    Path folder = Files.createTempDirectory("ptxas");
    Path file = Files.write(folder.resolve("forms.ptx"), text);
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                program.toString(), "-arch=sm_80", file.toString(), "-o", folder + "/forms.cubin")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(program + " did not end in " + SECONDS + " s");
    }
    BitSet good = new BitSet();
    good.set(0, lines.size());
    String said = Files.readString(log);
    for (Matcher m = ERROR.matcher(said); m.find(); ) {
      int line = Integer.parseInt(m.group(1)) - first;
      if (line >= 0 && line < lines.size()) {
        good.clear(line);
      }
    }
    if (!said.contains("line " + (first + lines.size()) + "; error")) {
      throw new IOException(program + " found no error where there is one:\n" + said);
    }
    for (Path p : List.of(file, log)) {
      Files.delete(p);
    }
    Files.delete(folder);
    return good;
  }
}
