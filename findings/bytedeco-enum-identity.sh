#!/usr/bin/env bash
# org.bytedeco:pytorch 2.10.0-1.5.13 (JavaCPP 1.5.13): an enum that a native method returns is a Java enum's object, yet none of its
# constants: tensor.scalar_type() == ScalarType.Float is false of a float tensor, and so is equals, without a warning. Its intern()
# is the constant. A check of a type by == refuses everything, or, the other way round, lets everything pass.
# Source: own run.
. "$(dirname "$0")/common.sh"
jars org.bytedeco:javacpp:1.5.13 org.bytedeco:javacpp:1.5.13:jar:linux-x86_64 org.bytedeco:openblas:0.3.31-1.5.13 \
  org.bytedeco:openblas:0.3.31-1.5.13:jar:linux-x86_64 org.bytedeco:pytorch:2.10.0-1.5.13 \
  org.bytedeco:pytorch:2.10.0-1.5.13:jar:linux-x86_64
cat >Type.java <<'JAVA'
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

public class Type {
  public static void main(String[] arguments) {
    Tensor floats = torch.ones(3);
    ScalarType type = floats.scalar_type();
    System.out.print("== " + (type == ScalarType.Float) + ", equals " + type.equals(ScalarType.Float));
    System.out.print(", intern() == " + (type.intern() == ScalarType.Float));
  }
}
JAVA
seen=$(java "-Dorg.bytedeco.javacpp.cachedir=$place/cache" -cp "$jars" Type.java)
same "the type of a float tensor against ScalarType.Float" \
  "== true, equals true, intern() == true" "== false, equals false, intern() == true" "$seen"
