package dev.krongauss.views;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Host;
import dev.krongauss.kernel.KernelCase.Variant;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.kernel.Trial;
import dev.krongauss.testing.TestDevice;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every public operation that takes a matrix writes rows × columns and nothing else, whatever
 * surrounds its views, and computes there what it computes in our own layout.
 */
final class ViewsTest {
  private static final String LIBRARY = "dev.krongauss.";
  private static final long SEED = 20170801;

  /** What launchers share: public for them, but no operation of a user's. */
  private static final Set<String> SHARED =
      Set.of("kernel.tile", "kernel.group", "kernel.cholesky", "kernel.tuning");

  private final Device device = TestDevice.get();

  @Test
  void everyOperationThatTakesAMatrixIsInTheTable() {
    assertThat(Table.all().keySet())
        .as(
            "an operation without an entry: add one in dev.krongauss.views; an entry without its"
                + " operation: take it out")
        .isEqualTo(operations());
  }

  @Test
  void everyKernelNamedThereRunsInForeignLayouts() {
    Table.all()
        .forEach(
            (operation, proof) -> {
              if (proof instanceof Proof.Kernel kernel) {
                assertThat(KernelCases.all())
                    .as("cases %s of %s", kernel.prefix(), operation)
                    .anyMatch(
                        c ->
                            c.name().startsWith(kernel.prefix())
                                && c.variants()
                                    .containsAll(List.of(Variant.FOREIGN, Variant.VIEW)));
              }
            });
  }

  @TestFactory
  Stream<DynamicTest> keepsToItsColumns() {
    return Table.all().entrySet().stream()
        .filter(e -> e.getValue() instanceof Proof.Run)
        .flatMap(
            e ->
                Stream.of(Variant.FOREIGN, Variant.VIEW)
                    .map(
                        v ->
                            DynamicTest.dynamicTest(
                                e.getKey() + " " + v,
                                () -> compare(e.getKey(), (Proof.Run) e.getValue(), v))));
  }

  private void compare(String operation, Proof.Run run, Variant variant) throws Exception {
    List<Host> wanted = results(operation, run, Variant.MIXED);
    List<Host> got = results(operation, run, variant);
    assertThat(got).hasSameSizeAs(wanted);
    for (int k = 0; k < got.size(); k++) {
      double scale = 0;
      for (float value : wanted.get(k).values()) {
        scale = Float.isNaN(value) ? scale : Math.max(scale, Math.abs(value));
      }
      for (int i = 0; i < got.get(k).rows(); i++) {
        for (int j = 0; j < got.get(k).columns(); j++) {
          float a = got.get(k).get(i, j);
          float b = wanted.get(k).get(i, j);
          boolean same =
              Float.isNaN(b) ? Float.isNaN(a) : Math.abs(a - b) <= run.tolerance() * scale;
          assertThat(same)
              .as(
                  "result %d at [%d][%d] of scale %.3g: %s, in our own layout %s",
                  k, i, j, scale, a, b)
              .isTrue();
        }
      }
    }
  }

  private List<Host> results(String operation, Proof.Run run, Variant variant) throws Exception {
    try (Trial t = Trial.of(operation, variant, device, SEED)) {
      run.body().run(t);
      t.verify();
      return t.results();
    }
  }

  /** {@code package.Class.method/parameters} of all that the library makes public. */
  private static Set<String> operations() {
    List<? extends Class<?>> classes =
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.krongauss")
                .stream()
                .map(JavaClass::reflect)
                .toList();
    Set<Class<?>> holders = holders(classes);
    Set<String> found = new TreeSet<>();
    for (Class<?> c : classes) {
      if (isPublic(c) && !isShared(c)) {
        Stream.<Executable>concat(
                Arrays.stream(c.getDeclaredMethods()), Arrays.stream(c.getDeclaredConstructors()))
            .filter(e -> Modifier.isPublic(e.getModifiers()) && !e.isSynthetic())
            .filter(e -> takesMatrix(e, holders) || movesMatrix(e))
            .forEach(e -> found.add(name(e)));
      }
    }
    return found;
  }

  /** Matrix, and all through which one can be handed over: records and interfaces that have one. */
  private static Set<Class<?>> holders(List<? extends Class<?>> classes) {
    Set<Class<?>> holders = new HashSet<>(Set.of(Matrix.class));
    int before;
    do {
      before = holders.size();
      for (Class<?> c : classes) {
        boolean holds =
            (c.isRecord() || c.isInterface())
                && Arrays.stream(c.getMethods())
                    .filter(m -> m.getParameterCount() == 0 && !m.isDefault())
                    .filter(m -> !Modifier.isStatic(m.getModifiers()))
                    .anyMatch(m -> mentions(m.getGenericReturnType(), holders));
        if (holds) {
          holders.add(c);
        }
      }
    } while (holders.size() > before);
    return holders;
  }

  private static boolean takesMatrix(Executable e, Set<Class<?>> holders) {
    return Arrays.stream(e.getGenericParameterTypes()).anyMatch(p -> mentions(p, holders));
  }

  /** Those of a matrix itself that touch memory, which take a stream. */
  private static boolean movesMatrix(Executable e) {
    return e.getDeclaringClass() == Matrix.class
        && e instanceof Method
        && List.of(e.getParameterTypes()).contains(dev.krongauss.device.Stream.class);
  }

  private static boolean mentions(Type type, Set<Class<?>> holders) {
    if (type instanceof ParameterizedType p) {
      return Arrays.stream(p.getActualTypeArguments()).anyMatch(a -> mentions(a, holders));
    }
    if (type instanceof Class<?> c) {
      return holders.contains(c.isArray() ? c.getComponentType() : c);
    }
    return type instanceof java.lang.reflect.WildcardType w
        && Arrays.stream(w.getUpperBounds()).anyMatch(b -> mentions(b, holders));
  }

  private static boolean isShared(Class<?> c) {
    return SHARED.stream().anyMatch(name -> c.getPackageName().equals(LIBRARY + name));
  }

  private static boolean isPublic(Class<?> c) {
    return c == null || Modifier.isPublic(c.getModifiers()) && isPublic(c.getDeclaringClass());
  }

  private static String name(Executable e) {
    String owner = e.getDeclaringClass().getName().substring(LIBRARY.length()).replace('$', '.');
    String method = e instanceof Method ? e.getName() : "new";
    return owner + "." + method + "/" + e.getParameterCount();
  }
}
