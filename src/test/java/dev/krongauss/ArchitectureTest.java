package dev.krongauss;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** The dependency directions of the package map: what "no framework dependency" means. */
@AnalyzeClasses(packages = "dev.krongauss", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String MAIN = "dev.krongauss.";

  @ArchTest
  static final ArchRule onlyDeviceTouchesNativeBindings =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.krongauss.device..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jcuda..", "org.lwjgl..")
          .because("every native call, its check and its loading are in one place");

  @ArchTest static final ArchRule device = sees("device");
  @ArchTest static final ArchRule kernel = sees("kernel", "device");
  @ArchTest static final ArchRule model = sees("model", "device");
  @ArchTest static final ArchRule net = sees("net", "model", "kernel", "device");

  @ArchTest static final ArchRule curvature = sees("curvature", "model", "kernel", "device");

  @ArchTest
  static final ArchRule precondition =
      sees("precondition", "curvature", "model", "kernel", "device");

  @ArchTest
  static final ArchRule optim =
      sees("optim", "precondition", "curvature", "model", "kernel", "device");

  @ArchTest static final ArchRule data = sees("data", "model", "device");

  /** The package comes with checkpoints; the rule is there before it. */
  @ArchTest static final ArchRule io = sees("io", "model", "device").allowEmptyShould(true);

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("dev.krongauss.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule neverStandardOutput =
      noClasses()
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .because("a library logs through SLF4J");

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
