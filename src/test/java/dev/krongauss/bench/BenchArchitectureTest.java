package dev.krongauss.bench;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rooms of the benchmarks: what each may see, so that imports go one way, down. */
final class BenchArchitectureTest {
  private static final String DOOR = "dev.krongauss.bench";
  private static final Path SOURCES = Path.of("bench/src");
  private static final Pattern CLASS_FILE =
      Pattern.compile("(dev/krongauss/bench/[\\w/]+)(\\$[\\w$]*)?\\.class$");

  /**
   * Rooms that each room sees, beside itself and the door; a row may stand before its room does.
   */
  private static final Map<String, List<String>> SEES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "kit",
                  List.of("compare", "kernels", "model", "run", "update", "peers", "process")),
              Map.entry("compare", List.of("kernels", "run", "page", "update", "peers", "problem")),
              Map.entry("kernels", List.of("run", "update")),
              Map.entry("report", List.of("run", "page")),
              Map.entry("site", List.of("page")),
              Map.entry("analyse", List.of("page")),
              Map.entry("run", List.of("page", "update", "peers", "problem")),
              Map.entry("page", List.of("update", "peers", "problem")),
              Map.entry("model", List.of("problem", "ranks")),
              Map.entry("update", List.of("problem")),
              Map.entry("peers", List.of("process", "problem")),
              Map.entry("train", List.of("problem")),
              Map.entry("exact", List.of("peers", "process")),
              Map.entry("predict", List.of()),
              Map.entry("ranks", List.of()),
              Map.entry("problem", List.of()),
              Map.entry("process", List.of()),
              Map.entry("doctor", List.of()),
              Map.entry("fetch", List.of()),
              Map.entry("table", List.of()),
              Map.entry("inspect", List.of())));

  private static JavaClasses bench;

  @BeforeAll
  static void read() {
    bench =
        new ClassFileImporter()
            .withImportOption(BenchArchitectureTest::isOfBench)
            .importPackages(DOOR);
  }

  /** Tests and what JMH generates lie in the same packages; their sources do not lie in bench/. */
  private static boolean isOfBench(Location location) {
    Matcher matcher = CLASS_FILE.matcher(location.asURI().toString());
    return matcher.find() && Files.exists(SOURCES.resolve(matcher.group(1) + ".java"));
  }

  static Set<String> rooms() {
    return SEES.keySet();
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void aRoomSeesWhatIsBelowIt(String room) {
    sees(room, SEES.get(room)).check(bench);
  }

  @Test
  void theDoorSeesNoRoom() {
    noClasses()
        .that()
        .resideInAPackage(DOOR)
        .should()
        .dependOnClassesThat(resideInAPackage(DOOR + "..").and(not(resideInAPackage(DOOR))))
        .because("every room sees it")
        .check(bench);
  }

  @Test
  void noRoomsSeeEachOther() {
    slices().matching(DOOR + ".(*)..").should().beFreeOfCycles().check(bench);
  }

  @Test
  void everyRoomHasItsRow() {
    Set<String> found =
        bench.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> !name.equals(DOOR))
            .map(name -> name.substring(DOOR.length() + 1).split("\\.")[0])
            .collect(Collectors.toSet());
    assertThat(SEES.keySet()).as("a row a room, of what it may see").containsAll(found);
    assertThat(found).contains("kit", "compare", "run", "page", "update", "peers", "problem");
  }

  /** The same rule without a room that is used: a class that uses it is named. */
  @Test
  void anImportThatIsNotAllowedIsFound() {
    assertThatThrownBy(() -> sees("page", List.of("update", "peers")).check(bench))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("dev.krongauss.bench.page.Palette")
        .hasMessageContaining("dev.krongauss.bench.problem.OptimizerKind");
  }

  private static ArchRule sees(String room, List<String> others) {
    String[] allowed = new String[others.size() + 2];
    allowed[0] = DOOR;
    allowed[1] = DOOR + "." + room + "..";
    for (int i = 0; i < others.size(); i++) {
      allowed[i + 2] = DOOR + "." + others.get(i) + "..";
    }
    return noClasses()
        .that()
        .resideInAPackage(DOOR + "." + room + "..")
        .should()
        .dependOnClassesThat(resideInAPackage(DOOR + "..").and(not(resideInAnyPackage(allowed))))
        .as("%s sees %s and the door alone".formatted(room, others))
        .allowEmptyShould(true);
  }
}
