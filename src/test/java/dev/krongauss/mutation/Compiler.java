package dev.krongauss.mutation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Copies a folder of sources, edits one of them and compiles what the edit can change. */
final class Compiler {
  private static final int SECONDS = 300;
  private static final String SAMPLES = "native/softcuda/tests/samples";
  private static final String LIBRARIES = "target/native/lib";

  private final Path home;
  private final Path work;

  /**
   * @param home the project's folder
   * @param work where the copies go; they stay there, to be looked at
   */
  Compiler(Path home, Path work) {
    this.home = home;
    this.work = work;
  }

  /**
   * The edited text of the mutant's file.
   *
   * @throws IllegalArgumentException if its text is not there as often as it must be
   */
  String edited(Mutant mutant) throws IOException {
    String source = Files.readString(home.resolve(mutant.file()));
    return new SourceText(source)
        .replace(mutant.find(), mutant.occurrence(), mutant.of(), mutant.replacement());
  }

  /**
   * PTX of the kernel files that a mutant changes and its cases need, compiled with the flags of
   * kernels/build: an edited header changes all, so only the files of the cases are compiled.
   *
   * @return the folder with the PTX
   * @throws CompileException if nvcc refuses the edited file
   */
  Path kernels(Mutant mutant) throws IOException, InterruptedException {
    Path copy = copyOf(mutant, "kernels");
    List<String> files =
        mutant.file().endsWith(".cu")
            ? List.of(Path.of(mutant.file()).getFileName().toString())
            : mutant.cases().stream().map(Compiler::fileOfCase).distinct().toList();
    List<String> command = new ArrayList<>(List.of(copy.resolve("build").toString(), "--software"));
    command.add(copy.resolve("ptx").toString());
    command.addAll(files);
    execute(command, copy.resolve("compile.log"));
    return copy.resolve("ptx");
  }

  /** Kernel file and case have one name, before the slash. */
  private static String fileOfCase(String kernelCase) {
    return kernelCase.substring(0, kernelCase.indexOf('/')) + ".cu";
  }

  /**
   * A program that runs a sample, and its kernels; with the mutant's edit, or as they are.
   *
   * @param mutant the mutant, or null
   */
  Sample sample(String name, Mutant mutant) throws IOException, InterruptedException {
    Path folder = mutant == null ? home.resolve(SAMPLES) : copyOf(mutant, SAMPLES);
    Path built = work.resolve(mutant == null ? "clean-" + name : mutant.name()).resolve("built");
    Files.createDirectories(built);
    execute(
        List.of(folder.resolve("build").toString(), name, built.toString()),
        built.resolve("compile.log"));
    return new Sample(built.resolve(name), built.resolve(name + ".ptx"), home.resolve(LIBRARIES));
  }

  private Path copyOf(Mutant mutant, String folder) throws IOException {
    Path copy = work.resolve(mutant.name());
    delete(copy);
    Files.createDirectories(copy);
    try (Stream<Path> files = Files.list(home.resolve(folder))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    Files.writeString(copy.resolve(Path.of(mutant.file()).getFileName()), edited(mutant));
    return copy;
  }

  private static void execute(List<String> command, Path log)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new CompileException("no end within " + SECONDS + " s: " + command);
    }
    if (process.exitValue() != 0) {
      String text = Files.readString(log, StandardCharsets.UTF_8);
      throw new CompileException(
          text.lines().filter(l -> !l.isBlank()).limit(6).collect(Collectors.joining("\n")));
    }
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** A mutant that is no program. */
  static final class CompileException extends IOException {
    private static final long serialVersionUID = 1L;

    CompileException(String message) {
      super(message);
    }
  }
}
