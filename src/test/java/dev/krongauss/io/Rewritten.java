package dev.krongauss.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A safetensors file as another program holds it, and writes it: every part of it at hand. */
final class Rewritten {
  final Map<String, Object> about;
  final Map<String, Safetensors.Tensor> kinds = new LinkedHashMap<>();
  final Map<String, byte[]> data = new LinkedHashMap<>();
  String comma = ",";
  String colon = ":";
  int padding = 8;
  boolean ascii;

  Rewritten(Path saved) throws IOException {
    try (FileChannel channel = FileChannel.open(saved)) {
      byte[] head = Safetensors.readHead(saved, channel, "checkpoint");
      Safetensors read = Safetensors.read(saved, channel, head);
      about = new LinkedHashMap<>(read.about());
      byte[] bytes = Files.readAllBytes(saved);
      for (Safetensors.Tensor each : read.tensors()) {
        byte[] values = new byte[(int) each.bytes()];
        System.arraycopy(bytes, head.length + (int) each.begin(), values, 0, values.length);
        put(each.name(), each.type(), values, each.shape());
      }
    }
  }

  void put(String name, String type, byte[] values, long... shape) {
    kinds.put(name, new Safetensors.Tensor(name, type, shape, 0, values.length));
    data.put(name, values);
  }

  /** Tensors in this order of their bytes; the head has the others' order. */
  Path write(Path path, List<String> order) throws IOException {
    Map<String, String> places = new LinkedHashMap<>();
    long at = 0;
    for (String name : order) {
      places.put(name, "[%d%s%d]".formatted(at, comma, at + data.get(name).length));
      at += data.get(name).length;
    }
    List<String> members = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    about.forEach(
        (k, v) -> texts.add(Json.quoted(k) + colon + (v instanceof String s ? Json.quoted(s) : v)));
    members.add("\"__metadata__\"" + colon + "{" + String.join(comma, texts) + "}");
    for (Safetensors.Tensor each : kinds.values()) {
      List<String> shape = new ArrayList<>();
      for (long size : each.shape()) {
        shape.add(Long.toString(size));
      }
      members.add(
          "%s%s{\"dtype\"%s\"%s\"%s\"shape\"%s[%s]%s\"data_offsets\"%s%s}"
              .formatted(
                  Json.quoted(each.name()),
                  colon,
                  colon,
                  each.type(),
                  comma,
                  colon,
                  String.join(comma, shape),
                  comma,
                  colon,
                  places.get(each.name())));
    }
    String json = "{" + String.join(comma, members) + "}";
    return write(path, json, order);
  }

  /** The file with this head, whatever it says. */
  Path write(Path path, String json, List<String> order) throws IOException {
    byte[] text = (ascii ? escaped(json) : json).getBytes(StandardCharsets.UTF_8);
    int length = (text.length + padding - 1) / padding * padding;
    int bytes = order.stream().mapToInt(name -> data.get(name).length).sum();
    ByteBuffer all = ByteBuffer.allocate(8 + length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(length).put(text);
    while (all.position() < 8 + length) {
      all.put((byte) ' ');
    }
    order.forEach(name -> all.put(data.get(name)));
    return Files.write(path, all.array());
  }

  /** As Python's writer does unless it is told otherwise. */
  private static String escaped(String json) {
    StringBuilder ascii = new StringBuilder();
    for (char c : json.toCharArray()) {
      ascii.append(c < 0x7f ? String.valueOf(c) : String.format("\\u%04X", (int) c));
    }
    return ascii.toString();
  }

  List<String> names() {
    return new ArrayList<>(data.keySet());
  }

  /** Everything in the head the other way round. */
  void reverseHead() {
    List<Map.Entry<String, Object>> texts = new ArrayList<>(about.entrySet());
    Collections.reverse(texts);
    about.clear();
    texts.forEach(each -> about.put(each.getKey(), each.getValue()));
    List<Safetensors.Tensor> tensors = new ArrayList<>(kinds.values());
    Collections.reverse(tensors);
    kinds.clear();
    tensors.forEach(each -> kinds.put(each.name(), each));
  }
}
