package dev.krongauss.mutation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A compiled sample of {@code native/softcuda/tests/samples}: a program that runs its kernels
 * through the CUDA interface of SoftCUDA, once with each seed.
 *
 * @param program takes {@code --ptx FILE --library FOLDER --seeds N --check LIST}; exits with 0 when
 *     all was right, with 3 when something stopped it: the seed and the report are printed then
 */
record Sample(Path program, Path ptx, Path libraries) {
  private static final int STOPPED = 3;

  Verdict run(int seeds, String checks, int secondsAtMost)
      throws IOException, InterruptedException {
    Path output = program.resolveSibling("output.txt");
    Process process =
        new ProcessBuilder(
                List.of(
                    program.toString(),
                    "--ptx",
                    ptx.toString(),
                    "--library",
                    libraries.toString(),
                    "--seeds",
                    Integer.toString(seeds),
                    "--check",
                    checks))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(secondsAtMost, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return Verdict.broken("no end within " + secondsAtMost + " s");
    }
    String text = Files.readString(output, StandardCharsets.UTF_8);
    if (process.exitValue() == 0) {
      return Verdict.nothing(seeds);
    }
    String[] parts = text.split("\\n", 2);
    if (process.exitValue() != STOPPED || !parts[0].startsWith("seed ") || parts.length < 2) {
      return Verdict.broken("it exited with " + process.exitValue() + ": " + text);
    }
    int seed = Integer.parseInt(parts[0].substring("seed ".length()).strip());
    String name = "sample " + program.getFileName();
    return new Verdict(Verdict.classify(parts[1]), name, seed, seed, parts[1].strip());
  }
}
