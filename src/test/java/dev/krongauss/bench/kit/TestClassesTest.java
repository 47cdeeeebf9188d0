package dev.krongauss.bench.kit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assumptions;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** The tests that the kit carries run where there is nothing but the kit. */
final class TestClassesTest {
  @Test
  void theyNeedNothingThatTheKitDoesNotCarry() throws Exception {
    List<String> names = TestClasses.onDevice();
    assertThat(names).contains("dev.krongauss.kernel.CholeskyTest");
    JavaClasses tests = new ClassFileImporter().importClasses(classes(names));
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(ProcessBuilder.class)
        .because("a GPU machine has no sources and no tools to start")
        .check(tests);
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Assumptions.class, SoftAssertions.class)
        .because("these need Byte Buddy, which is not in the kit; JUnit's assumeTrue does not")
        .check(tests);
  }

  private static List<Class<?>> classes(List<String> names) throws ClassNotFoundException {
    List<Class<?>> classes = new ArrayList<>();
    for (String name : names) {
      classes.add(Class.forName(name, false, TestClassesTest.class.getClassLoader()));
    }
    return classes;
  }
}
