package dev.krongauss.table;

import dev.krongauss.data.DataException;
import dev.krongauss.data.Packed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** Tells files apart by their first bytes, and texts by their first lines. */
final class Formats {
  private static final Pattern SPARSE = Pattern.compile("\\s*\\S+(\\s+(\\d+|qid):\\S+)*\\s*(#.*)?");
  private static final Pattern PAIR = Pattern.compile("(?s).*\\s\\d+:.*");
  private static final Pattern LIBSVM_NAME = Pattern.compile(".*\\.(libsvm|svm|svmlight)(\\.gz)?");
  private static final int LINES = 5;
  private static final String WHAT = "the file";

  private Formats() {}

  /** A CSV file, if what it takes to read one is there. */
  static TableSource csv(Path file, TableOptions options) throws IOException {
    OptionalLibrary.FAST_CSV.require("CSV files");
    OptionalLibrary.FAST_DOUBLE_PARSER.require("CSV files");
    return CsvSource.open(file, options);
  }

  /** One file: CSV or libsvm. */
  static TableSource open(Path file, TableOptions options) throws IOException {
    byte[] start = start(file);
    if (NpyArray.isNpy(start) || isIdx(start)) {
      throw Say.problem(
          "%s is %s file, which has inputs or targets; give both files",
          file, isIdx(start) ? "an IDX" : "a .npy");
    }
    return isLibsvm(file) ? LibsvmSource.open(file, options) : csv(file, options);
  }

  /** Two files: .npy or IDX. */
  static TableSource open(Path inputs, Path targets, TableOptions options) throws IOException {
    byte[] start = start(inputs);
    if (NpyArray.isNpy(start)) {
      return NpySource.open(inputs, targets, options);
    }
    if (isIdx(start)) {
      return IdxSource.open(inputs, targets, options);
    }
    FileKind.requireUnknown(inputs, new String(start, StandardCharsets.ISO_8859_1));
    throw Say.problem(
        "%s is neither a .npy nor an IDX file; of a CSV or libsvm file give the one file", inputs);
  }

  /** A file that comes later than the one a plan was made from. */
  static TableSource later(Path file, ColumnPlan plan) throws IOException {
    TableOptions options = new TableOptions();
    options.header = plan.form() == Form.CSV ? TableOptions.Header.YES : TableOptions.Header.NO;
    options.rowsNeeded = false;
    options.delimiter = plan.delimiter();
    return switch (plan.form()) {
      case CSV, CSV_WITHOUT_HEADER -> csv(file, options);
      case LIBSVM -> LibsvmSource.later(file, plan);
      case NPY -> NpySource.inputsAlone(file);
      case IDX -> IdxSource.later(file, false, plan);
      case IDX_TRANSPOSED -> IdxSource.later(file, true, plan);
    };
  }

  private static byte[] start(Path file) throws IOException {
    try (InputStream in = Packed.open(file, WHAT)) {
      return in.readNBytes(8);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw CsvFile.explained(file, e, 0);
    }
  }

  private static boolean isIdx(byte[] start) {
    return start.length > 3
        && start[0] == 0
        && start[1] == 0
        && start[2] >= 0x08
        && start[2] < 0x0f;
  }

  private static boolean isLibsvm(Path file) throws IOException {
    if (LIBSVM_NAME.matcher(file.getFileName().toString().toLowerCase(Locale.ROOT)).matches()) {
      return true;
    }
    boolean pair = false;
    try (BufferedReader in = new BufferedReader(CsvFile.characters(file, WHAT))) {
      String line = in.readLine();
      for (int i = 0; i < LINES && line != null; i++) {
        boolean empty = line.isBlank() || line.startsWith("#");
        if (!empty && !SPARSE.matcher(line).matches()) {
          return false;
        }
        pair |= PAIR.matcher(line).matches();
        line = in.readLine();
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw CsvFile.explained(file, e, 0);
    }
    return pair;
  }
}
