package dev.krongauss.bench.doctor;

import dev.krongauss.diagnose.LayerArrays;
import dev.krongauss.diagnose.Values;
import dev.krongauss.io.TensorFile;
import dev.krongauss.table.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Arrays that a trainer has exported: a folder of {@code .npy} files, or one safetensors file. */
final class Export {
  private static final String SUFFIX = ".npy";
  private static final Set<String> NEEDED = Set.of("activations", "deltas", "gradient");
  private static final Set<String> OF_A_LAYER =
      Set.of(
          "activations",
          "deltas",
          "gradient",
          "bias_gradient",
          "weights",
          "bias",
          "previous_gradient",
          "previous_bias_gradient",
          "previous_activations");
  private static final Set<String> OF_THE_BATCH = Set.of("predictions", "targets");

  private final TreeMap<String, Values> arrays;

  private Export(TreeMap<String, Values> arrays) {
    this.arrays = arrays;
  }

  /**
   * Reads all arrays whose names are known.
   *
   * @param unknown to which the names of others are added
   * @throws ExportException if there is no layer, or what a layer needs is missing
   */
  static Export read(Path path, List<String> unknown) throws IOException, ExportException {
    TreeMap<String, Values> arrays = new TreeMap<>();
    if (Files.isDirectory(path)) {
      readFolder(path, arrays, unknown);
    } else {
      readFile(path, arrays, unknown);
    }
    Export export = new Export(arrays);
    export.check(path);
    return export;
  }

  private static void readFolder(Path folder, TreeMap<String, Values> into, List<String> unknown)
      throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(each -> each.toString().endsWith(SUFFIX)).sorted().toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString().replace(SUFFIX, "");
      if (isKnown(name)) {
        NpyArray array = NpyArray.openRows(file);
        into.put(name, new Values(array.rows(), array.columns(), array.floats()));
      } else {
        unknown.add(file.getFileName().toString());
      }
    }
  }

  private static void readFile(Path path, TreeMap<String, Values> into, List<String> unknown)
      throws IOException, ExportException {
    try (TensorFile file = TensorFile.open(path, "file of exported arrays")) {
      for (String name : file.names()) {
        if (!isKnown(name)) {
          unknown.add(name);
          continue;
        }
        float[] values = file.floats(name);
        long[] shape = file.shape(name);
        if (values.length == 0) {
          throw new ExportException("%s: %s has no values; export a batch with rows", path, name);
        }
        int last = shape.length < 2 ? 1 : Math.toIntExact(shape[shape.length - 1]);
        into.put(name, new Values(values.length / last, last, values));
      }
    }
  }

  private static boolean isKnown(String name) {
    int dot = name.indexOf('.');
    return dot < 0
        ? OF_THE_BATCH.contains(name)
        : name.substring(0, dot).matches("0|[1-9]\\d{0,3}")
            && OF_A_LAYER.contains(name.substring(dot + 1));
  }

  private void check(Path path) throws ExportException {
    TreeSet<Integer> layers = layers();
    if (layers.isEmpty()) {
      throw new ExportException(
          "%s has no array of a layer; names are 0.activations, 0.deltas, 0.gradient, 1.activations"
              + " and so on, in a folder with .npy behind",
          path);
    }
    for (int l = 0; l <= layers.last(); l++) {
      for (String each : new TreeSet<>(NEEDED)) {
        if (!arrays.containsKey(l + "." + each)) {
          throw new ExportException(
              "%s has no %d.%s; layers count from 0, and each needs %s",
              path, l, each, new TreeSet<>(NEEDED));
        }
      }
    }
    if (arrays.containsKey("predictions") != arrays.containsKey("targets")) {
      throw new ExportException(
          "%s has only one of predictions and targets; both are needed", path);
    }
  }

  private TreeSet<Integer> layers() {
    TreeSet<Integer> layers = new TreeSet<>();
    for (String name : arrays.keySet()) {
      int dot = name.indexOf('.');
      if (dot > 0) {
        layers.add(Integer.valueOf(name.substring(0, dot)));
      }
    }
    return layers;
  }

  /**
   * What was exported of each layer, the first one first.
   *
   * @param withoutBias layers that have none
   * @throws ExportException if there is no such layer, or a bias does not fit its matrix
   */
  List<LayerArrays> layers(Set<Integer> withoutBias) throws ExportException {
    int count = layers().last() + 1;
    for (int l : withoutBias) {
      if (l < 0 || l >= count) {
        throw new ExportException(
            "layer %d without a bias, of layers 0 to %d; count from 0 at the input", l, count - 1);
      }
    }
    List<LayerArrays> all = new ArrayList<>();
    for (int l = 0; l < count; l++) {
      LayerArrays layer =
          new LayerArrays(
                  arrays.get(l + ".activations"),
                  arrays.get(l + ".deltas"),
                  joined(l, "gradient", "bias_gradient"))
              .withWeights(joined(l, "weights", "bias"))
              .withPreviousGradient(joined(l, "previous_gradient", "previous_bias_gradient"))
              .withPreviousActivations(arrays.get(l + ".previous_activations"));
      all.add(withoutBias.contains(l) ? layer.withoutBias() : layer);
    }
    return all;
  }

  /**
   * The matrix with the vector as its last column, where that is apart; null without the matrix.
   */
  private Values joined(int layer, String matrix, String vector) throws ExportException {
    Values weights = arrays.get(layer + "." + matrix);
    Values bias = arrays.get(layer + "." + vector);
    if (weights == null || bias == null) {
      return weights;
    }
    int out = bias.values().length;
    boolean rows = weights.rows() == out;
    if (!rows && weights.columns() != out) {
      throw new ExportException(
          "%d.%s has %d values, and %d.%s is [%d][%d]; the bias has a value a unit",
          layer, vector, out, layer, matrix, weights.rows(), weights.columns());
    }
    return rows ? asLastColumn(weights, bias.values()) : asLastRow(weights, bias.values());
  }

  private static Values asLastColumn(Values weights, float[] bias) {
    int in = weights.columns();
    float[] whole = new float[bias.length * (in + 1)];
    for (int i = 0; i < bias.length; i++) {
      System.arraycopy(weights.values(), i * in, whole, i * (in + 1), in);
      whole[i * (in + 1) + in] = bias[i];
    }
    return new Values(bias.length, in + 1, whole);
  }

  /** For weights that are [in][out]. */
  private static Values asLastRow(Values weights, float[] bias) {
    float[] whole = new float[weights.values().length + bias.length];
    System.arraycopy(weights.values(), 0, whole, 0, weights.values().length);
    System.arraycopy(bias, 0, whole, weights.values().length, bias.length);
    return new Values(weights.rows() + 1, bias.length, whole);
  }

  /** What the network predicted; null where it was not exported. */
  Values predictions() {
    return arrays.get("predictions");
  }

  /** What it should have predicted; null where it was not exported. */
  Values targets() {
    return arrays.get("targets");
  }
}
