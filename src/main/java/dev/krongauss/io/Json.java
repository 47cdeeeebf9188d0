package dev.krongauss.io;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * As much JSON as a safetensors head needs: objects, arrays, strings and whole numbers. The library
 * takes no JSON library along for one file's head.
 */
final class Json {
  private static final int MAX_DEPTH = 8;

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /**
   * The members of an object, in order.
   *
   * @throws IllegalArgumentException if the text is none, with the place
   */
  static Map<String, Object> object(String text) {
    Json json = new Json(text);
    Map<String, Object> members = json.members(0);
    json.skipSpace();
    if (json.at != text.length()) {
      throw json.unexpected("nothing more");
    }
    return members;
  }

  /** An array of whole numbers of at least 0. */
  static long[] numbers(Object value, String what) {
    if (!(value instanceof List<?> list)
        || !list.stream().allMatch(v -> v instanceof Long n && n >= 0)) {
      throw new IllegalArgumentException(what + " is not an array of whole numbers");
    }
    return list.stream().mapToLong(v -> (Long) v).toArray();
  }

  /** A string as JSON writes it. */
  static String quoted(String value) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  private Map<String, Object> members(int depth) {
    Map<String, Object> members = new LinkedHashMap<>();
    expect('{');
    if (next('}')) {
      return members;
    }
    do {
      String name = string();
      expect(':');
      if (members.put(name, value(depth + 1)) != null) {
        throw new IllegalArgumentException("'%s' stands there twice".formatted(name));
      }
    } while (next(','));
    expect('}');
    return members;
  }

  private Object value(int depth) {
    if (depth > MAX_DEPTH) {
      throw unexpected("fewer levels");
    }
    skipSpace();
    return switch (peek()) {
      case '{' -> members(depth);
      case '[' -> array(depth);
      case '"' -> string();
      default -> number();
    };
  }

  private List<Object> array(int depth) {
    List<Object> values = new ArrayList<>();
    expect('[');
    if (next(']')) {
      return values;
    }
    do {
      values.add(value(depth + 1));
    } while (next(','));
    expect(']');
    return values;
  }

  private String string() {
    expect('"');
    StringBuilder value = new StringBuilder();
    while (peek() != '"') {
      char c = text.charAt(at++);
      value.append(c == '\\' ? escaped() : c);
    }
    at++;
    return value.toString();
  }

  private char escaped() {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        if (at + 4 > text.length()) {
          throw unexpected("four hexadecimal digits");
        }
        at += 4;
        yield (char) HexFormat.fromHexDigits(text, at - 4, at);
      }
      default -> throw unexpected("an escaped character");
    };
  }

  private Long number() {
    int begin = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (begin == at) {
      throw unexpected("a string, an object, an array or a whole number");
    }
    return Long.valueOf(text.substring(begin, at));
  }

  private boolean next(char wanted) {
    skipSpace();
    if (peek() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char wanted) {
    if (!next(wanted)) {
      throw unexpected("'" + wanted + "'");
    }
  }

  private char peek() {
    if (at >= text.length()) {
      throw new IllegalArgumentException("it ends at character " + at);
    }
    return text.charAt(at);
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private IllegalArgumentException unexpected(String wanted) {
    return new IllegalArgumentException("%s was expected at character %d".formatted(wanted, at));
  }
}
