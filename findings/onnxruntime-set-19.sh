#!/usr/bin/env bash
# onnxruntime 1.15.0 for Java: it is the release that takes operator set 19, and a model of that set with a Cast is not loaded: no kernel is there for Cast of set 19.
# The same model in set 18 runs, and in set 19 from 1.16.0 on. A runtime's table of operator sets says what it parses, not what it runs.
# Source: the library's table of compatible versions; own run.
. "$(dirname "$0")/common.sh"
python onnx==1.23.1 numpy==2.4.6
"$python" - <<'PY'
from onnx import TensorProto, helper, save

x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
y = helper.make_tensor_value_info("y", TensorProto.DOUBLE, [1])
graph = helper.make_graph([helper.make_node("Cast", ["x"], ["y"], to=TensorProto.DOUBLE)], "cast", [x], [y])
for operators, version in ((18, 8), (19, 9)):
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", operators)], ir_version=version), f"set{operators}.onnx")
PY
cat >Load.java <<'JAVA'
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;

public class Load {
  public static void main(String[] arguments) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    for (String set : new String[] {"set18", "set19"}) {
      try (var session = environment.createSession(set + ".onnx")) {
        System.out.print(set + " is loaded; ");
      } catch (OrtException e) {
        System.out.print(set + (e.getMessage().contains("Cast(19)") ? " has no Cast; " : " is refused; "));
      }
    }
  }
}
JAVA
seen=
for release in 1.15.0 1.16.0; do
  rm -rf jars
  jars com.microsoft.onnxruntime:onnxruntime:$release
  seen="$seen$release: $(java -cp "$jars" Load.java)"
done
same "a Cast in sets 18 and 19, by the release that brought set 19 and the next" \
  "1.15.0: set18 is loaded; set19 is loaded; 1.16.0: set18 is loaded; set19 is loaded; " \
  "1.15.0: set18 is loaded; set19 has no Cast; 1.16.0: set18 is loaded; set19 is loaded; " "$seen"
