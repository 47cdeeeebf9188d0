package dev.krongauss.bench.problem;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What is trained, before it is read: one of the paper's data sets, a generated function, or a
 * table of one's own. What its rows decide is known once they are read: {@link ProblemData}. {@link
 * #toString} is its name in titles and tables.
 */
public sealed interface Problem permits PaperProblem, SineProblem, TableProblem {
  /**
   * Reads or makes the rows.
   *
   * @param folder of the paper's files, as {@link DataFolder} finds it; not used by others
   * @param seed of generated data, and of which rows of a table are held out
   * @throws dev.krongauss.data.DataException if a file of the paper's data is missing, cut short or
   *     another
   * @throws picocli.CommandLine.ParameterException if a table cannot be trained on as options say
   * @throws IOException if a file cannot be read
   */
  ProblemData load(Path folder, long seed) throws IOException;

  /** Whether it is a table of one's own, of which nothing is known before it is read. */
  default boolean isTable() {
    return this instanceof TableProblem;
  }

  /** Whether it is one of the paper's data sets, of which its claims speak. */
  default boolean isThePapers() {
    return this instanceof PaperProblem;
  }
}
