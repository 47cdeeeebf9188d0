package dev.krongauss.table;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import dev.krongauss.data.DataException;
import java.nio.file.Path;
import java.util.Arrays;

/** One line of libsvm's text: {@code target index:value index:value ... # comment}. */
final class LibsvmLine {
  private static final int NO_INDEX = -1;
  private static final int TOO_LARGE = -2;
  private static final int MOST = 1_000_000_000;

  private final Path file;
  private char[] text = new char[0];
  private int at;
  private int end;
  private long line;

  double target;
  int count;
  int[] indices = new int[16];
  double[] values = new double[16];

  LibsvmLine(Path file) {
    this.file = file;
  }

  /** Takes a line apart; false if it is empty or a comment alone. */
  boolean parse(String content, long number) throws DataException {
    int comment = content.indexOf('#');
    text = content.toCharArray();
    end = comment < 0 ? text.length : comment;
    line = number;
    at = 0;
    count = 0;
    skipSpace();
    if (at == end) {
      return false;
    }
    int word = wordEnd();
    target = target(at, word);
    at = word;
    for (skipSpace(); at < end; skipSpace()) {
      word = wordEnd();
      pair(at, word);
      at = word;
    }
    return true;
  }

  private double target(int begin, int close) throws DataException {
    String word = new String(text, begin, close - begin);
    if (word.indexOf(',') >= 0) {
      throw problem(
          word, "several labels a row; multi-label files are not read: make a file for each label");
    }
    if (word.indexOf(':') >= 0) {
      throw problem(word, "a feature where the target belongs; begin each line with the target");
    }
    if (!Numbers.isDecimal(text, begin, close)) {
      throw problem(word, "no number; targets of libsvm files are numbers: number the classes");
    }
    return JavaDoubleParser.parseDouble(text, begin, close - begin);
  }

  private void pair(int begin, int close) throws DataException {
    int colon = begin;
    while (colon < close && text[colon] != ':') {
      colon++;
    }
    String word = new String(text, begin, close - begin);
    if (word.startsWith("qid:")) {
      throw problem(word, "a query of ranking data, which is not read; remove the qid: fields");
    }
    int index = index(begin, colon);
    if (colon < close && index == TOO_LARGE) {
      throw problem(
          word,
          "an index too large; rows are made dense here, and 16,777,216 features are the most");
    }
    if (colon == close || index < 0) {
      throw problem(word, "not index:value with an index of 0 or more; is it a libsvm file?");
    }
    if (!Numbers.isDecimal(text, colon + 1, close)) {
      throw problem(word, "a value that is no finite number; leave the pair out for 0");
    }
    if (count > 0 && index <= indices[count - 1]) {
      throw problem(word, "an index that is not above the one before it; sort the pairs");
    }
    if (count == indices.length) {
      indices = Arrays.copyOf(indices, 2 * count);
      values = Arrays.copyOf(values, 2 * count);
    }
    indices[count] = index;
    values[count++] = JavaDoubleParser.parseDouble(text, colon + 1, close - colon - 1);
  }

  /** A whole number below a thousand millions, or a negative sign of what else it is. */
  private int index(int begin, int close) {
    if (close == begin) {
      return NO_INDEX;
    }
    long index = 0;
    for (int i = begin; i < close; i++) {
      if (text[i] < '0' || text[i] > '9') {
        return NO_INDEX;
      }
      index = Math.min(10 * index + text[i] - '0', Integer.MAX_VALUE);
    }
    return index < MOST ? (int) index : TOO_LARGE;
  }

  private void skipSpace() {
    while (at < end && text[at] <= ' ') {
      at++;
    }
  }

  private int wordEnd() {
    int close = at;
    while (close < end && text[close] > ' ') {
      close++;
    }
    return close;
  }

  private DataException problem(String word, String what) {
    return Say.problem("%s, line %,d: %s is %s", file, line, Say.quoted(word), what);
  }
}
