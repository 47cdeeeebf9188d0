package dev.krongauss.onnx;

import ai.onnxruntime.OnnxModelMetadata;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A model in ONNX Runtime, whose shape and type inference has to agree with what it declares. */
final class Session implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  Session(Path file) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addConfigEntry("session.strict_shape_type_inference", "1");
      session = environment.createSession(file.toString(), options);
    }
  }

  /** Outputs by name: float[] compact, String[] or long[]. */
  record Outputs(Map<String, Object> values) {
    float[] floats(String name) {
      return (float[]) values.get(name);
    }

    String[] texts(String name) {
      return (String[]) values.get(name);
    }

    long[] numbers(String name) {
      return (long[]) values.get(name);
    }
  }

  /** Runs N rows; a float[], double[] or String[] a name, compact. */
  Outputs run(Map<String, Object> inputs, int N) throws OrtException {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try {
      for (Map.Entry<String, Object> input : inputs.entrySet()) {
        tensors.put(input.getKey(), tensor(input.getValue(), N));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        Map<String, Object> outputs = new HashMap<>();
        for (Map.Entry<String, OnnxValue> output : result) {
          outputs.put(output.getKey(), values((OnnxTensor) output.getValue()));
        }
        return new Outputs(outputs);
      }
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(Object values, int N) throws OrtException {
    if (values instanceof float[] floats) {
      return OnnxTensor.createTensor(
          environment, FloatBuffer.wrap(floats), shape(N, floats.length));
    }
    if (values instanceof double[] doubles) {
      return OnnxTensor.createTensor(
          environment, DoubleBuffer.wrap(doubles), shape(N, doubles.length));
    }
    String[] texts = (String[]) values;
    return OnnxTensor.createTensor(environment, texts, shape(N, texts.length));
  }

  private static long[] shape(int N, int length) {
    return new long[] {N, N == 0 ? 1 : length / N};
  }

  private static Object values(OnnxTensor tensor) throws OrtException {
    return switch (tensor.getInfo().type) {
      case FLOAT -> {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        yield values;
      }
      default -> tensor.getValue();
    };
  }

  /** Type and shape of each input, such as {@code age FLOAT [-1, 1]}. */
  List<String> inputs() throws OrtException {
    return session.getInputInfo().values().stream()
        .map(node -> text(node.getName(), (TensorInfo) node.getInfo()))
        .toList();
  }

  /** Type and shape of each output. */
  List<String> outputs() throws OrtException {
    return session.getOutputInfo().values().stream()
        .map(node -> text(node.getName(), (TensorInfo) node.getInfo()))
        .toList();
  }

  OnnxModelMetadata metadata() throws OrtException {
    return session.getMetadata();
  }

  private static String text(String name, TensorInfo info) {
    return name + " " + info.type + " " + Arrays.toString(info.getShape());
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
