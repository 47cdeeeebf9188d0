package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.io.CheckpointException;
import dev.krongauss.io.TensorFile;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The metadata of a {@link ModelFile}. */
final class ModelTexts {
  private static final String MODEL = "krongauss.model";
  private static final String SIZES = MODEL + ".sizes";
  private static final String ACTIVATIONS = MODEL + ".activations";
  private static final String LOSS = MODEL + ".loss";
  private static final String ABOUT = "krongauss.about.";

  private final Map<String, String> texts;

  /**
   * @throws IllegalArgumentException if one of the format's own is not known
   */
  ModelTexts(Map<String, String> texts) {
    this.texts = texts;
    List<String> known = List.of(MODEL, SIZES, ACTIVATIONS, LOSS);
    for (String name : texts.keySet()) {
      Check.that(
          !name.startsWith(MODEL) || known.contains(name),
          "its text '%s' is not known here; this version has %s",
          name,
          known);
    }
  }

  /** What a file's metadata are, but for the checksums. */
  static Map<String, String> of(
      String version, Architecture architecture, String loss, Map<String, String> about) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(MODEL, version);
    texts.put(
        SIZES,
        Arrays.stream(architecture.sizes())
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(",")));
    texts.put(
        ACTIVATIONS,
        architecture.activations().stream().map(Activation::text).collect(Collectors.joining(",")));
    texts.put(LOSS, loss);
    about.forEach((name, text) -> texts.put(ABOUT + name, text));
    return texts;
  }

  /**
   * Checks that a file is of this kind, before its checksums are looked at.
   *
   * @throws CheckpointException if it is another file, or of another version
   */
  static void checkKind(TensorFile in, String version) throws CheckpointException {
    Map<String, String> texts = in.texts();
    if (texts.containsKey(TensorFile.CHECKPOINT)) {
      throw in.refused(
          "it is a checkpoint of a run, with the tensors %s; build the network and what else it has"
              + " as it was, Checkpoint.load it, and Network.save makes a model file",
          in.names());
    }
    if (!texts.containsKey(MODEL)) {
      throw in.refused(
          "it is a safetensors file, but no model file of this library: its metadata have no '%s';"
              + " Network.setWeights takes weights of other programs",
          MODEL);
    }
    if (!version.equals(texts.get(MODEL))) {
      throw in.refused(
          "it is a model file of format '%s', and this version reads %s; load it with the version"
              + " that saved it, or a later one",
          texts.get(MODEL), version);
    }
  }

  /**
   * Checks a text of the caller's.
   *
   * @throws IllegalArgumentException if it could not be read back
   */
  static void check(String name, String text) {
    Check.that(
        !name.isEmpty()
            && StandardCharsets.UTF_8.newEncoder().canEncode(name)
            && StandardCharsets.UTF_8.newEncoder().canEncode(text),
        "text '%s' of a model file has no name, or a character that is half of one: UTF-8 cannot"
            + " hold it",
        name);
  }

  /**
   * Sizes and activations.
   *
   * @throws IllegalArgumentException if they are missing, or an activation is not known
   */
  Architecture architecture() {
    String sizes = text(SIZES);
    Check.that(
        sizes.matches("\\d{1,9}(,\\d{1,9})+"), "'%s' is '%s', no list of sizes", SIZES, sizes);
    return new Architecture(
        Arrays.stream(sizes.split(",")).mapToInt(Integer::parseInt).toArray(),
        Arrays.stream(text(ACTIVATIONS).split(",")).map(Activation::named).toList());
  }

  /** The loss' name. */
  String loss() {
    return text(LOSS);
  }

  /** Texts of others. */
  Map<String, String> about() {
    Map<String, String> about = new LinkedHashMap<>();
    texts.forEach(
        (name, text) -> {
          if (name.startsWith(ABOUT)) {
            about.put(name.substring(ABOUT.length()), text);
          }
        });
    return about;
  }

  private String text(String name) {
    String text = texts.get(name);
    Check.that(text != null, "it has no text '%s'", name);
    return text;
  }
}
