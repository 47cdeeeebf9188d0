#!/usr/bin/env bash
# Tribuo 4.3.2: Adam multiplies by the root of the second moment where it should divide by it: steps are proportional to the gradient's
# magnitude and about a thousandth of the rate at first.
# Consequence: none here; whoever comes from there does not carry a rate over. Source: Kingma, Ba, ICLR 2015, Algorithm 1; own run.
. "$(dirname "$0")/common.sh"
jars org.tribuo:tribuo-math:4.3.2 org.tribuo:tribuo-core:4.3.2 com.oracle.labs.olcut:olcut-core:5.3.1 \
  com.oracle.labs.olcut:olcut-config-protobuf:5.3.1 com.google.protobuf:protobuf-java:3.25.6
cat > Steps.java <<'JAVA'
import org.tribuo.math.Parameters;
import org.tribuo.math.la.DenseVector;
import org.tribuo.math.la.Tensor;
import org.tribuo.math.optimisers.Adam;
import org.tribuo.math.protos.ParametersProto;

public class Steps {
  static class One implements Parameters {
    public Tensor[] getEmptyCopy() { return new Tensor[] {new DenseVector(1)}; }
    public Tensor[] get() { return getEmptyCopy(); }
    public void set(Tensor[] to) { throw new UnsupportedOperationException(); }
    public void update(Tensor[] by) { throw new UnsupportedOperationException(); }
    public Tensor[] merge(Tensor[][] all, int size) { throw new UnsupportedOperationException(); }
    public ParametersProto serialize() { throw new UnsupportedOperationException(); }
  }

  public static void main(String[] arguments) {
    for (double gradient : new double[] {1, 100}) {
      Adam adam = new Adam(1e-3, 1e-8);
      adam.initialise(new One());
      Tensor[] step = adam.step(new Tensor[] {DenseVector.createDenseVector(new double[] {gradient})}, 1);
      System.out.printf(java.util.Locale.ROOT, "%.3g at %.0f; ", ((DenseVector) step[0]).get(0), gradient);
    }
  }
}
JAVA
seen=$(java -cp "$jars" Steps.java)
same "Adam's first step, rate 1e-3, at gradients of 1 and 100" "0.00100 at 1; 0.00100 at 100; " \
  "1.00e-06 at 1; 0.0100 at 100; " "$seen"
