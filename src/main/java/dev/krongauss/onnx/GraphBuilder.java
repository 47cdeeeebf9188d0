package dev.krongauss.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A graph in the making. Values are known by their names, and no two have the same: names of inputs
 * and outputs are taken as they are, all others get a number where they are taken.
 */
final class GraphBuilder {
  /** The rows of every input and output. */
  private static final String ROWS = "N";

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final Set<String> names = new HashSet<>();

  /** Keeps a name from values that could have another; before those are made. */
  void reserve(String name) {
    names.add(name);
  }

  /** An input of N rows; {@code name} is reserved. */
  String input(String name, DataType type, int width, String explanation) {
    graph.addInput(value(name, type, width).setDocString(explanation));
    return name;
  }

  /** A node of an operator of ai.onnx with one output. */
  String node(String operator, String name, List<String> inputs, AttributeProto... attributes) {
    String output = free(name);
    add(operator, output, inputs, attributes);
    return output;
  }

  /** Columns of a matrix, in this order. */
  String columns(String name, String matrix, long... columns) {
    String numbers = longs(name + "/columns", columns);
    return node("Gather", name, List.of(matrix, numbers), integer("axis", 1));
  }

  /** {@link #node} whose output, N rows, is one of the model; {@code name} is reserved. */
  Result result(String operator, String name, List<String> inputs, AttributeProto... attributes) {
    add(operator, name, inputs, attributes);
    return new Result(name);
  }

  /** An output of the model that wants a type. */
  final class Result {
    private final String name;

    private Result(String name) {
      this.name = name;
    }

    /** [N][width]. */
    String matrix(DataType type, int width, String explanation) {
      graph.addOutput(value(name, type, width).setDocString(explanation));
      return name;
    }

    /** [N]. */
    String column(DataType type, String explanation) {
      graph.addOutput(value(name, type, 0).setDocString(explanation));
      return name;
    }
  }

  private void add(String operator, String output, List<String> in, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(output)
            .addAllInput(in)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
  }

  /** A constant, {@code values} in row-major order. */
  String floats(String name, float[] values, long... dimensions) {
    ByteBuffer bytes = bytes((long) values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return constant(name, tensor(DataType.FLOAT, dimensions).setRawData(string(bytes)));
  }

  /** A constant vector. */
  String doubles(String name, double[] values) {
    ByteBuffer bytes = bytes((long) values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return constant(name, tensor(DataType.DOUBLE, values.length).setRawData(string(bytes)));
  }

  /** A constant vector. */
  String longs(String name, long... values) {
    ByteBuffer bytes = bytes((long) values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return constant(name, tensor(DataType.INT64, values.length).setRawData(string(bytes)));
  }

  /** A constant vector; texts have no raw form. */
  String texts(String name, List<String> values) {
    TensorProto.Builder tensor = tensor(DataType.STRING, values.size());
    values.forEach(text -> tensor.addStringData(ByteString.copyFromUtf8(text)));
    return constant(name, tensor);
  }

  GraphProto build(String name, String explanation) {
    return graph.setName(name).setDocString(explanation).build();
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto real(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  /** What a Cast takes. */
  static AttributeProto to(DataType type) {
    return integer("to", type.getNumber());
  }

  private String constant(String name, TensorProto.Builder tensor) {
    String taken = free(name);
    graph.addInitializer(tensor.setName(taken));
    return taken;
  }

  private String free(String name) {
    String taken = name;
    for (int i = 2; !names.add(taken); i++) {
      taken = name + "_" + i;
    }
    return taken;
  }

  private static TensorProto.Builder tensor(DataType type, long... dimensions) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(type.getNumber());
    for (long dimension : dimensions) {
      tensor.addDims(dimension);
    }
    return tensor;
  }

  /** The raw form is little-endian on every machine. */
  private static ByteBuffer bytes(long count) {
    return ByteBuffer.allocate(Math.toIntExact(count)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Nobody writes into these bytes any more: they are not copied. */
  private static ByteString string(ByteBuffer bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.clear());
  }

  /**
   * A named value.
   *
   * @param width 0 for [N]
   */
  private static ValueInfoProto.Builder value(String name, DataType type, int width) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(ROWS));
    if (width > 0) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(width));
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor));
  }
}
