package org.example.libtorch;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A text that is made up: sentences of 150 words of one to three syllables, of which each is
 * followed by one of four others. A model learns how words are spelt, then which follow.
 */
final class GeneratedText {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz .";
  private static final int WORDS = 150;
  private static final int SUCCESSORS = 4;

  private final long[] tokens;

  GeneratedText(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> words = words(random);
    int[] successors = random.ints((long) WORDS * SUCCESSORS, 0, WORDS).toArray();
    StringBuilder text = new StringBuilder();
    int word = 0;
    while (text.length() < length) {
      text.append(words.get(word)).append(random.nextDouble() < 0.12 ? ". " : " ");
      int choice = (int) Math.min(SUCCESSORS - 1, -Math.log(1 - random.nextDouble()));
      word = successors[word * SUCCESSORS + choice];
    }
    tokens = text.chars().limit(length).mapToLong(ALPHABET::indexOf).toArray();
  }

  private static List<String> words(SplittableRandom random) {
    List<String> words = new ArrayList<>();
    while (words.size() < WORDS) {
      StringBuilder word = new StringBuilder();
      int syllables = 1 + random.nextInt(3);
      for (int k = 0; k < syllables; k++) {
        word.append(letter("bdfgklmnprst", random)).append(letter("aeiou", random));
        if (random.nextDouble() < 0.3) {
          word.append(letter("nlrs", random));
        }
      }
      if (!words.contains(word.toString())) {
        words.add(word.toString());
      }
    }
    return words;
  }

  private static char letter(String of, SplittableRandom random) {
    return of.charAt(random.nextInt(of.length()));
  }

  static int vocabulary() {
    return ALPHABET.length();
  }

  /**
   * Draws N stretches of T tokens and what follows each.
   *
   * @return tokens {@code [N][T + 1]}, int64
   */
  Tensor draw(int N, int T, SplittableRandom random) {
    long[] batch = new long[N * (T + 1)];
    for (int n = 0; n < N; n++) {
      int from = random.nextInt(tokens.length - T);
      System.arraycopy(tokens, from, batch, n * (T + 1), T + 1);
    }
    return torch.tensor(batch).reshape(N, T + 1);
  }
}
