package dev.krongauss;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The dependency directions of the package map: what "no framework dependency" means. */
final class ArchitectureTest {
  private static final String MAIN = "dev.krongauss.";

  private static final ArchRule onlyDeviceTouchesNativeBindings =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.krongauss.device..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jcuda..", "org.lwjgl..")
          .because("every native call, its check and its loading are in one place");

  /** Copies and fills of the default stream, for which streams of this library do not wait. */
  private static final ArchRule everyCopyHasAStream =
      noClasses()
          .should()
          .callMethodWhere(
              target(owner(name("jcuda.driver.JCudaDriver")))
                  .and(target(nameMatching("cuMem(cpy|set)(?!.*Async).*"))))
          .because("such a copy may still be on its way when the next launch reads");

  /** What a call of the driver begins with; constants and result names are no calls. */
  private static final DescribedPredicate<JavaMethodCall> onItsOwn =
      DescribedPredicate.describe(
          "call CUDA outside a Driver.Call",
          call ->
              call.getTargetOwner().getPackageName().startsWith("jcuda")
                  && call.getName().matches("(cu|cublas|cusolver)[A-Z].*")
                  && !call.isDeclaredInLambda()
                  && !call.getOrigin().getFullName().contains("Launch.enqueue("));

  private static final ArchRule onlyDriverMakesCalls =
      noClasses()
          .should()
          .callMethodWhere(onItsOwn)
          .because(
              "device.Driver alone knows the caller's exception mode and current context; a launch"
                  + " is a call made once, for no garbage");

  private static final ArchRule nobodyChangesTheMode =
      noClasses()
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "set JCuda's exception mode",
                  (JavaMethodCall call) -> call.getName().equals("setExceptionsEnabled")))
          .because("it is the caller's");

  private static final ArchRule device = sees("device");
  private static final ArchRule kernel = sees("kernel", "device");

  // Launchers, what they share below them, and what chooses between them above.
  private static final ArchRule launchers =
      noClasses()
          .that()
          .resideInAPackage("dev.krongauss.kernel")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.krongauss.kernel.operations..")
          .because("a launcher is chosen, it does not choose");

  private static final ArchRule arguments = sees("kernel.argument", "kernel.tile", "device");
  private static final ArchRule groups =
      sees("kernel.group", "kernel.argument", "kernel.tuning", "kernel.tile", "device");
  private static final ArchRule cholesky = sees("kernel.cholesky", "kernel.tile", "device");
  private static final ArchRule tuning = sees("kernel.tuning", "kernel.tile", "device");
  private static final ArchRule tiles = sees("kernel.tile", "device");

  private static final ArchRule model = sees("model", "device");
  private static final ArchRule net = sees("net", "model", "kernel", "io", "device");

  private static final ArchRule curvature = sees("curvature", "model", "kernel", "device");

  private static final ArchRule precondition =
      sees("precondition", "dist", "diagnose", "curvature", "model", "kernel", "device");

  private static final ArchRule diagnose = sees("diagnose", "device");

  private static final ArchRule dist = sees("dist", "kernel", "device");

  private static final ArchRule optim =
      sees("optim", "dist", "precondition", "curvature", "model", "kernel", "device");

  private static final ArchRule data = sees("data", "model", "kernel", "device");

  private static final ArchRule table = sees("table", "data", "model");

  private static final ArchRule io = sees("io", "model", "device");

  private static final ArchRule onnx = sees("onnx", "net", "table", "io", "model", "device");

  private static final ArchRule train =
      sees("train", "optim", "net", "data", "model", "kernel", "device");

  private static final ArchRule noCycles =
      slices().matching("dev.krongauss.(*)..").should().beFreeOfCycles();

  private static final ArchRule neverStandardOutput =
      noClasses()
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .because("a library logs through SLF4J");

  @TestFactory
  Stream<DynamicTest> rules() {
    JavaClasses library =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.krongauss");
    return Stream.of(
            onlyDeviceTouchesNativeBindings,
            everyCopyHasAStream,
            onlyDriverMakesCalls,
            nobodyChangesTheMode,
            device,
            kernel,
            launchers,
            arguments,
            groups,
            cholesky,
            tuning,
            tiles,
            model,
            net,
            curvature,
            precondition,
            diagnose,
            dist,
            optim,
            data,
            table,
            io,
            onnx,
            train,
            noCycles,
            neverStandardOutput)
        .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(library)));
  }

  /** {@code matmul_tensor.cu} is the one file that shares a launcher. */
  @Test
  void launchersAreNamedAfterTheirKernels() throws IOException {
    Set<String> launchers =
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.krongauss.kernel")
                .stream()
                .filter(c -> c.getPackageName().equals("dev.krongauss.kernel"))
                .filter(c -> c.isTopLevelClass() && !c.getSimpleName().equals("package-info"))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
    Set<String> kernels = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("kernels"), "*.cu")) {
      for (Path file : files) {
        kernels.add(camelCase(file.getFileName().toString().replace(".cu", "")));
      }
    }
    assertThat(kernels.remove("MatmulTensor")).isTrue();
    assertThat(launchers).isEqualTo(kernels);
  }

  private static String camelCase(String name) {
    return Arrays.stream(name.split("_"))
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining());
  }

  @Test
  void theReferenceIsIndependent() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.krongauss..")
                .and(not(resideInAPackage("dev.krongauss.reference.."))))
        .because("a mistake must not be made twice")
        .check(new ClassFileImporter().importPackages("dev.krongauss.reference"));
  }

  private static ArchRule sees(String name, String... others) {
    String[] allowed = new String[others.length + 2];
    allowed[0] = MAIN + name + "..";
    allowed[1] = MAIN + name;
    for (int i = 0; i < others.length; i++) {
      allowed[i + 2] = MAIN + others[i] + "..";
    }
    return noClasses()
        .that()
        .resideInAPackage(MAIN + name + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.krongauss..").and(not(resideInAnyPackage(allowed))));
  }
}
