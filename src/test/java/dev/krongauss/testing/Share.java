package dev.krongauss.testing;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Of a long list of tests one of {@code of} shares: every {@code of}-th from the {@code number}-th
 * on, so that neighbours are in different ones. What repeats other tests runs in shares where time
 * is short: {@code .ci/run} takes another of eight with each commit.
 */
public record Share(int number, int of) {
  private static final String PROPERTY = "krongauss.thorough.part";
  private static final Pattern FORM = Pattern.compile("(\\d{1,4})/(\\d{1,4})");

  /** What {@code -Dkrongauss.thorough.part=2/4} asks for; all where it asks for nothing. */
  public static Share ofThorough() {
    return parse(System.getProperty(PROPERTY, "1/1"));
  }

  static Share parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (matcher.matches()) {
      Share share =
          new Share(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
      if (share.number >= 1 && share.number <= share.of) {
        return share;
      }
    }
    throw new IllegalArgumentException(
        PROPERTY + " is '" + text + "'; it must be k/n with k from 1 to n, as 2/4");
  }

  /** The share; of fewer entries than shares one, so that none is left without. */
  public <T> List<T> of(List<T> all) {
    int shares = Math.min(of, all.size());
    return IntStream.range(0, all.size())
        .filter(i -> i % shares == (number - 1) % shares)
        .mapToObj(all::get)
        .toList();
  }
}
