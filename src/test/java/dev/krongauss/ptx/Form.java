package dev.krongauss.ptx;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One spelling of an instruction with the types of its operands, from {@code forms.txt}: {@code
 * add.{T:u32|s32} : T = T T} is two of them. Text after {@code ::} is what is executed, where that
 * is more than the instruction with its operands in order: $op, and $0, $1 ... for the operands.
 *
 * @param family the line of forms.txt without its alternatives: its first word
 */
record Form(String family, String opcode, List<Type> results, List<Type> sources, String body) {
  private static final Pattern CHOICE =
      Pattern.compile("\\{(?:([A-Z]):([^{}$]*)|([^{}$]*\\|[^{}$]*))}");
  private static final Map<String, String> WIDER =
      Map.of("u16", "u32", "s16", "s32", "u32", "u64", "s32", "s64");

  static List<Form> all() {
    List<Form> forms = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Form.class.getResourceAsStream("forms.txt"), StandardCharsets.UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        if (!line.isBlank() && !line.startsWith("#")) {
          parse(line, forms::add);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return forms;
  }

  private static void parse(String line, Consumer<Form> found) {
    String[] parts = line.split(" :: ", 2);
    String[] head = parts[0].split(" : ");
    String[] operands = head[1].split(" = ");
    expand(
        head[0],
        Map.of(),
        (opcode, names) -> {
          List<Type> results = types(operands[0], names);
          List<Type> sources = types(operands[1], names);
          String usual = "$op " + String.join(", ", places(results.size() + sources.size())) + ";";
          expand(
              parts.length > 1 ? parts[1] : usual,
              names,
              (body, same) -> found.accept(new Form(head[0], opcode, results, sources, body)));
        });
  }

  private static List<String> places(int n) {
    List<String> places = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      places.add("$" + i);
    }
    return places;
  }

  private static List<Type> types(String words, Map<String, String> names) {
    List<Type> types = new ArrayList<>();
    for (String word : words.trim().split(" +")) {
      boolean wide = word.startsWith("W(");
      String name = wide ? word.substring(2, 3) : word;
      String type = names.getOrDefault(name, name);
      types.add(Type.of(wide ? WIDER.get(type) : type));
    }
    return types;
  }

  private interface Choice {
    void accept(String text, Map<String, String> names);
  }

  private static void expand(String text, Map<String, String> names, Choice found) {
    Matcher m = CHOICE.matcher(text);
    if (!m.find()) {
      found.accept(text, names);
      return;
    }
    String list = m.group(1) != null ? m.group(2) : m.group(3);
    for (String one : list.split("\\|", -1)) {
      Map<String, String> more = new TreeMap<>(names);
      if (m.group(1) != null) {
        more.put(m.group(1), one);
      }
      expand(text.substring(0, m.start()) + one + text.substring(m.end()), more, found);
    }
  }

  /** The words of the opcode. */
  List<String> parts() {
    return Arrays.asList(opcode.split("\\."));
  }

  boolean has(String modifier) {
    return parts().contains(modifier);
  }

  String name() {
    return parts().get(0);
  }

  /** How the places of the body are written: registers, and the value of an immediate. */
  String text(long table) {
    String text = body.replace("$op", opcode);
    List<Type> all = operands();
    for (int i = all.size() - 1; i >= 0; i--) {
      String place = all.get(i) == Type.LUT ? "0x" + Long.toHexString(table) : register(i);
      text = text.replace("$" + i, place);
    }
    return text;
  }

  List<Type> operands() {
    List<Type> all = new ArrayList<>(results);
    all.addAll(sources);
    return all;
  }

  String register(int operand) {
    Type type = operands().get(operand);
    return (type == Type.P
            ? "%p"
            : type.register() == 16 ? "%h" : type.register() == 64 ? "%d" : "%r")
        + operand;
  }

  @Override
  public String toString() {
    return body.replace("$op", opcode);
  }
}
