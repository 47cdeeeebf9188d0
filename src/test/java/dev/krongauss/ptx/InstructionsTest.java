package dev.krongauss.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.testing.Share;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Every instruction of forms.txt that ptxas takes for sm_80, run on the device and compared with
 * {@link Model}: corners of each type and random bits, by all lanes of a warp and by every second.
 */
final class InstructionsTest {
  private static final int BLOCK = 96;
  private static final int FORMS_OF_A_MODULE = 40;
  private static final int MOST_SHOWN = 5;
  private static final int UNTOUCHED = 0x5bd1e995;

  private final Device device = TestDevice.get();

  @TestFactory
  Stream<DynamicTest> instructionsComputeWhatTheIsaSays() throws IOException, InterruptedException {
    return families(160).stream();
  }

  @Tag("thorough")
  @TestFactory
  Stream<DynamicTest> instructionsComputeWhatTheIsaSaysOfManyOperands()
      throws IOException, InterruptedException {
    return Share.ofThorough().of(families(6000)).stream();
  }

  private List<DynamicTest> families(int tuples) throws IOException, InterruptedException {
    Map<String, List<Form>> families = new LinkedHashMap<>();
    for (Form form : legal(Form.all())) {
      families.computeIfAbsent(form.family(), f -> new ArrayList<>()).add(form);
    }
    return families.entrySet().stream()
        .map(
            family ->
                dynamicTest(
                    family.getKey() + ", " + family.getValue().size() + " forms",
                    () -> run(family.getValue(), tuples)))
        .toList();
  }

  /** Without ptxas those that the device takes: that nothing is missing is then not looked at. */
  private List<Form> legal(List<Form> forms) throws IOException, InterruptedException {
    List<String> lines = forms.stream().map(form -> form.text(0x96)).toList();
    var ptxas = Ptxas.find();
    List<Form> legal = new ArrayList<>();
    if (ptxas.isEmpty()) {
      System.err.println("no ptxas: only instructions that the device takes are compared");
      for (Form form : forms) {
        if (Refusals.of(device, form).isEmpty()) {
          legal.add(form);
        }
      }
      return legal;
    }
    BitSet good = ptxas.get().accepts(Kernels.REGISTERS, lines);
    good.stream().forEach(i -> legal.add(forms.get(i)));
    assertThat(legal.size()).as("forms for sm_80").isGreaterThan(1500);
    return legal;
  }

  private void run(List<Form> forms, int count) {
    List<String> wrong = new ArrayList<>();
    for (int begin = 0; begin < forms.size(); begin += FORMS_OF_A_MODULE) {
      List<Form> some = forms.subList(begin, Math.min(forms.size(), begin + FORMS_OF_A_MODULE));
      List<long[][]> tuples = new ArrayList<>();
      for (Form form : some) {
        tuples.add(new Operands(form.toString().hashCode()).tuples(form, count));
      }
      String text = Kernels.module(some, tuples);
      for (int i = 0; i < some.size(); i++) {
        Function kernel = device.userFunction("instructions", text, "k" + i);
        compare(some.get(i), kernel, tuples.get(i), wrong);
      }
    }
    assertThat(wrong).as("%d results differ from the model", wrong.size()).isEmpty();
  }

  private void compare(Form form, Function kernel, long[][] tuples, List<String> wrong) {
    Model model = Model.of(form);
    int results = form.results().size();
    int shown = 0;
    for (int step = 0; step < 2; step++) {
      long[] got = execute(kernel, tuples, results, step);
      for (int i = 0; i < tuples.length && shown < MOST_SHOWN; i++) {
        boolean skipped = (i & step) != 0;
        List<Expected> wanted = skipped ? null : model.apply(tuples[i]);
        for (int k = 0; k < results; k++) {
          long is = got[i * results + k];
          if (skipped) {
            assertThat((int) is).as("a lane that was skipped, of %s", form).isEqualTo(UNTOUCHED);
          } else if (!wanted.get(k).admits(is & BitModel.mask(width(form.results().get(k))))) {
            wrong.add(describe(form, tuples[i], k, is, wanted.get(k), step));
            shown++;
          }
        }
      }
    }
  }

  private static int width(Type type) {
    return type == Type.P ? 32 : type.register();
  }

  private static String describe(Form form, long[] in, int k, long is, Expected wanted, int step) {
    StringBuilder text = new StringBuilder(form.toString()).append(" of");
    for (long v : in) {
      text.append(' ').append(Long.toHexString(v));
    }
    text.append(step == 0 ? "" : " (every second lane)").append(": result ").append(k);
    long bits = is & BitModel.mask(width(form.results().get(k)));
    return text.append(" is ")
        .append(Long.toHexString(bits))
        .append(", wanted ")
        .append(wanted)
        .toString();
  }

  private long[] execute(Function kernel, long[][] tuples, int results, int step) {
    int sources = tuples[0].length;
    int[] in = new int[2 * tuples.length * sources];
    for (int i = 0; i < tuples.length * sources; i++) {
      long v = tuples[i / sources][i % sources];
      in[2 * i] = (int) v;
      in[2 * i + 1] = (int) (v >>> 32);
    }
    int[] out = new int[2 * tuples.length * results];
    java.util.Arrays.fill(out, UNTOUCHED);
    try (Arena arena = device.newArena("instructions")) {
      Buffer from = arena.floats(in.length, "in");
      Buffer to = arena.floats(out.length, "out");
      from.uploadInts(in, device.stream());
      to.uploadInts(out, device.stream());
      kernel
          .on(device.stream())
          .grid((tuples.length + BLOCK - 1) / BLOCK, 1, 1)
          .block(BLOCK, 1, 1)
          .pointer(from.pointer())
          .pointer(to.pointer())
          .i32(tuples.length)
          .i32(step)
          .launch();
      out = to.downloadInts(out.length, device.stream());
    }
    long[] got = new long[tuples.length * results];
    for (int i = 0; i < got.length; i++) {
      got[i] = out[2 * i] & 0xffffffffL | (long) out[2 * i + 1] << 32;
    }
    return got;
  }
}
