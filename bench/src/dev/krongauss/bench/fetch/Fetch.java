package dev.krongauss.bench.fetch;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.LowerCaseEnum;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fetches the data sets that cannot be generated. */
@Command(
    name = "bench/fetch",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Fetches MNIST (11.6 MB) and the Olivetti faces (4 MB) from public mirrors, checks them and puts them into"
          + " DIR/mnist and DIR/faces, where the other commands look. A file that is there and right is left alone; a"
          + " download that broke off is resumed, in the next run, too; a mirror that fails or serves another file"
          + " gives way to the next, and is said.",
      ""
    },
    footer = {
      "",
      "MNIST is checked by its published MD5 sums and by SHA-256; its mirrors are"
          + " ossci-datasets.s3.amazonaws.com/mnist and storage.googleapis.com/cvdf-datasets/mnist. The Olivetti images"
          + " come as olivettifaces.mat (figshare, cs.nyu.edu/~roweis, GitHub), are written as"
          + " olivetti-images-idx3-ubyte.gz, and are checked by the SHA-256 of the unpacked images. This was never"
          + " tried on these mirrors themselves: the tests have a server of their own.",
      "",
      "A proxy: KRONGAUSS_JAVA_OPTIONS='-Dhttps.proxyHost=HOST -Dhttps.proxyPort=PORT'. Time-outs: 20 s to connect, 30 s"
          + " without a byte; five attempts an address.",
      "",
      "MNIST: Yann LeCun and Corinna Cortes, CC BY-SA 3.0. Olivetti: credit AT&T Laboratories Cambridge where the images"
          + " are used; photographs of people, not to be used to identify anyone.",
      "",
      "Examples:",
      "  bench/fetch",
      "  bench/fetch mnist --data-dir ~/data",
      "  bench/fetch --mirror http://mirror.example/data/",
      "",
      "Exit codes: 0 all there, 1 a file could not be had, 2 wrong options."
    })
final class Fetch implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "SET",
      arity = "0..*",
      description = "mnist, faces, or both. Default: both.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Folder that gets mnist/ and faces/. Default: bench/data in the project, where"
              + " bench/compare looks without --data-dir.")
  private Path dataDir;

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      description =
          "Folder of a web server that is tried before the public mirrors; holds MNIST's files under"
              + " their names, or olivetti-images-idx3-ubyte.gz or olivettifaces.mat. May be given"
              + " several times.")
  private List<URI> mirrors = new ArrayList<>();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new Fetch()));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Set<DataSet> sets = sets();
    List<URI> folders = mirrors.stream().map(this::folder).toList();
    Path dir = dataDir == null ? Commands.home().resolve("bench/data") : dataDir;
    Files.createDirectories(dir);
    List<String> failures = new ArrayList<>();
    try (FileChannel channel =
            FileChannel.open(
                dir.resolve(".fetch.lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new FetchException(
            "another bench/fetch is at work in %s; wait until it is done".formatted(dir));
      }
      Fetcher fetcher = new Fetcher(new Download(PATIENCE, PAUSE, this::say), this::say);
      for (DataSet set : sets) {
        fetch(fetcher, set, folders, dir, failures);
      }
    }
    failures.forEach(spec.commandLine().getErr()::println);
    return failures.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  /** A file that cannot be had keeps no other from being fetched. */
  private static void fetch(
      Fetcher fetcher, DataSet set, List<URI> folders, Path dir, List<String> failures)
      throws IOException, InterruptedException {
    for (DataFile file : set.files(folders)) {
      try {
        fetcher.fetch(file, dir.resolve(set.toString()));
      } catch (FetchException e) {
        failures.add("bench/fetch: " + e.getMessage());
      }
    }
  }

  private Set<DataSet> sets() {
    Set<DataSet> sets = EnumSet.noneOf(DataSet.class);
    for (String name : names) {
      try {
        sets.add(LowerCaseEnum.named(DataSet.values(), name));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
    }
    return sets.isEmpty() ? EnumSet.allOf(DataSet.class) : sets;
  }

  private URI folder(URI mirror) {
    String scheme = mirror.getScheme();
    if (mirror.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
      throw new ParameterException(
          spec.commandLine(),
          "--mirror %s: it must be the address of a folder, such as https://mirror.example/data/"
              .formatted(mirror));
    }
    String text = mirror.toString();
    return URI.create(text.endsWith("/") ? text : text + "/");
  }

  private void say(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }
}
