package dev.krongauss.bench.report;

import dev.krongauss.bench.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Writes the pages whose figures come from the folders under {@code bench/results}: {@code
 * bench/results/README.md}, from the text {@code README.in.md} beside it, {@code tabular.md} from
 * {@code tabular.in.md}, where there is one, and the part of the project's {@code README.md}
 * between two marks, from {@code front.in.md}.
 */
@Command(
    name = "bench/report",
    mixinStandardHelpOptions = true,
    description = {
      "Writes bench/results/README.md, and the part of README.md between its two marks, from the"
          + " folders under bench/results.",
      "The sentences are in bench/results/README.in.md and front.in.md, with {{placeholders}} for"
          + " the figures; bench/src/dev/krongauss/bench/report/Figures.java and Tables.java list"
          + " which there are."
    })
public final class Report implements Callable<Integer> {
  private static final String RESULTS = "bench/results";
  private static final String PAGE = RESULTS + "/README.md";
  private static final String PAGE_TEXT = RESULTS + "/README.in.md";
  private static final String FRONT = "README.md";
  private static final String TABLES = RESULTS + "/tabular.md";
  private static final String TABLES_TEXT = RESULTS + "/tabular.in.md";
  private static final String FRONT_TEXT = RESULTS + "/front.in.md";
  private static final String NOTE = "<!-- Made by bench/report from %s: change that. -->\n\n";
  private static final Pattern PART =
      Pattern.compile("(<!-- results[^>]*-->\n).*?(<!-- end of results -->)", Pattern.DOTALL);

  @Option(
      names = "--check",
      description = "Writes nothing; exit code 1 if a page is not what the folders give.")
  private boolean check;

  @Option(
      names = "--wrap",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Ends the lines of prose of Markdown files at 100 characters; nothing else.")
  private List<Path> wrapped = List.of();

  private final Path home;

  private Report(Path home) {
    this.home = home;
  }

  /** The command. */
  public static void main(String[] arguments) {
    System.exit(command(Commands.home()).execute(arguments));
  }

  /** The command for a project's folder. */
  static CommandLine command(Path home) {
    return Commands.configure(new CommandLine(new Report(home)));
  }

  @Override
  public Integer call() throws IOException {
    boolean same = true;
    Map<Path, String> wanted = wrapped.isEmpty() ? pages(home) : wrapped();
    for (Map.Entry<Path, String> page : wanted.entrySet()) {
      same &= put(page.getKey(), page.getValue());
    }
    return same ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private Map<Path, String> wrapped() throws IOException {
    Map<Path, String> texts = new LinkedHashMap<>();
    for (Path file : wrapped) {
      if (!Files.isRegularFile(file)) {
        throw new ReportException("--wrap %s: there is no such file", file);
      }
      texts.put(file.toAbsolutePath(), Wrapped.of(Files.readString(file)));
    }
    return texts;
  }

  /** Writes a page, or says that it is another one. */
  private boolean put(Path page, String text) throws IOException {
    boolean same = Files.isRegularFile(page) && Files.readString(page).equals(text);
    if (check && !same) {
      System.err.printf(
          "%s is not as bench/report writes it; run it without --check and commit%n",
          home.relativize(page));
      return false;
    }
    if (!same) {
      Files.writeString(page, text);
      System.out.println("wrote " + home.relativize(page));
    }
    return true;
  }

  /**
   * The pages as the folders give them.
   *
   * @param home the project's folder
   * @throws ReportException if a figure is asked for that no folder has, or a folder is never named
   */
  static Map<Path, String> pages(Path home) throws IOException {
    ResultFolders folders = ResultFolders.in(home.resolve(RESULTS));
    Template template = new Template(folders);
    Map<Path, String> pages = new LinkedHashMap<>();
    if (Files.exists(home.resolve(TABLES_TEXT))) {
      String tables = template.fill(TABLES_TEXT, Files.readString(home.resolve(TABLES_TEXT)));
      pages.put(home.resolve(TABLES), NOTE.formatted("tabular.in.md") + Wrapped.of(tables));
    }
    String page = template.fill(PAGE_TEXT, Files.readString(home.resolve(PAGE_TEXT)));
    if (!folders.unnamed().isEmpty()) {
      throw new ReportException(
          "%s says nothing of %s; add a sentence or remove the folder",
          PAGE_TEXT, folders.unnamed());
    }
    String front = template.fill(FRONT_TEXT, Files.readString(home.resolve(FRONT_TEXT)));
    pages.put(home.resolve(PAGE), NOTE.formatted("README.in.md") + Wrapped.of(page));
    pages.put(
        home.resolve(FRONT),
        replaced(Files.readString(home.resolve(FRONT)), Wrapped.of(front).strip()));
    return pages;
  }

  private static String replaced(String front, String part) {
    Matcher matcher = PART.matcher(front);
    if (!matcher.find()) {
      throw new ReportException(
          "%s lacks the lines <!-- results … --> and <!-- end of results -->", FRONT);
    }
    return matcher.replaceFirst(
        found -> Matcher.quoteReplacement(found.group(1) + "\n" + part + "\n\n" + found.group(2)));
  }
}
