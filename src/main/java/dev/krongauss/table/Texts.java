package dev.krongauss.table;

/** One String for equal characters, made when they are first seen. */
final class Texts {
  /** More than these are not kept: what follows is made anew. */
  private static final int MOST = 1 << 16;

  private String[] table = new String[1 << 8];
  private int count;

  String of(char[] text, int begin, int length) {
    int hash = 0;
    for (int i = begin; i < begin + length; i++) {
      hash = 31 * hash + text[i];
    }
    int mask = table.length - 1;
    int at = (hash ^ (hash >>> 16)) & mask;
    while (table[at] != null) {
      if (equal(table[at], text, begin, length)) {
        return table[at];
      }
      at = (at + 1) & mask;
    }
    String made = new String(text, begin, length);
    if (count < MOST) {
      table[at] = made;
      count++;
      if (2 * count > table.length) {
        grow();
      }
    }
    return made;
  }

  private void grow() {
    String[] old = table;
    table = new String[2 * old.length];
    int mask = table.length - 1;
    for (String text : old) {
      if (text != null) {
        int hash = text.hashCode();
        int at = (hash ^ (hash >>> 16)) & mask;
        while (table[at] != null) {
          at = (at + 1) & mask;
        }
        table[at] = text;
      }
    }
  }

  private static boolean equal(String known, char[] text, int begin, int length) {
    if (known.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (known.charAt(i) != text[begin + i]) {
        return false;
      }
    }
    return true;
  }
}
