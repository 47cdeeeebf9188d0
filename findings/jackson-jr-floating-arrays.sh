#!/usr/bin/env bash
# jackson-jr-objects 2.19.2: arrays of double and of float are written as an empty object, arrays of the integer types and boolean as
# arrays. No error, and the numbers are gone. Lists of Double are written in full.
# Source: the library's value writer, which knows int[], long[] and boolean[].
. "$(dirname "$0")/common.sh"
jars com.fasterxml.jackson.jr:jackson-jr-objects:2.19.2 com.fasterxml.jackson.core:jackson-core:2.19.2
cat >Write.java <<'JAVA'
import com.fasterxml.jackson.jr.ob.JSON;
import java.util.List;

public class Write {
  public static void main(String[] arguments) throws Exception {
    for (Object value : new Object[] {new double[] {1, 2}, new float[] {1, 2}, new int[] {1, 2}, List.of(1.0, 2.0)}) {
      System.out.print(JSON.std.asString(value) + " ");
    }
  }
}
JAVA
seen=$(java -cp "$jars" Write.java)
same "double[], float[], int[] and List<Double> of 1 and 2" "[1.0,2.0] [1.0,2.0] [1,2] [1.0,2.0] " "{} {} [1,2] [1.0,2.0] " "$seen"
