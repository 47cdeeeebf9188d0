package dev.krongauss.bench.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a session takes of all cases. */
final class SelectionTest {
  /** A case that was renamed must not drop out in silence. */
  @Test
  void everyNameOfTheSelectionIsThatOfACase() {
    List<String> names = KernelCases.all().stream().map(KernelCase::name).toList();
    Stream.of(Selection.CHECKED, Selection.TIMED, Selection.SANITIZED)
        .flatMap(List::stream)
        .forEach(prefix -> assertThat(names).anyMatch(name -> name.startsWith(prefix)));
    assertThat(groups(Selection.sample(List.of()))).containsExactlyElementsOf(Selection.SANITIZED);
    assertThat(groups(Selection.smoke())).containsExactly(Selection.SMOKE);
    assertThat(Selection.GRAPHS).allSatisfy(Class::forName);
  }

  /** So that a part that is cut short says something of all. */
  @Test
  void eachCaseComesOnceBeforeAnyASecondTime() {
    for (boolean software : new boolean[] {false, true}) {
      List<String> checks = groups(Selection.checks(List.of(), software));
      int cases = (int) checks.stream().distinct().count();
      assertThat(checks.subList(0, cases)).doesNotHaveDuplicates();
      assertThat(checks.get(0)).isEqualTo("dev.krongauss.device.GraphTest");
      assertThat(checks.get(1)).startsWith("chain/");
      List<String> timings = groups(Selection.timings(List.of(), software));
      assertThat(timings.get(0)).isEqualTo("cholesky");
      int timed = (int) timings.stream().distinct().count();
      assertThat(timings.subList(0, timed)).doesNotHaveDuplicates();
    }
  }

  /** The sizes of an update first, largest first; what is larger behind them. */
  @Test
  void theSizesThatSayMostAreTimedFirst() {
    assertThat(names(Selection.timings(List.of("gram/fresh__tf32x3_64"), false)))
        .containsExactly(
            "gram/fresh__tf32x3_64 {M=1000, d=1001}",
            "gram/fresh__tf32x3_64 {M=1000, d=785}",
            "gram/fresh__tf32x3_64 {M=1000, d=251}",
            "gram/fresh__tf32x3_64 {M=1000, d=31}",
            "gram/fresh__tf32x3_64 {M=20000, d=1001}");
  }

  @Test
  void casesThatAreAskedForReplaceTheSelection() {
    assertThat(groups(Selection.checks(List.of("sgd/plain-accepted"), true)))
        .containsOnly("sgd/plain-accepted");
    assertThat(groups(Selection.timings(List.of("sgd/plain-accepted"), true)))
        .containsOnly("sgd/plain-accepted");
  }

  private static List<String> groups(List<Items.Item> items) {
    return items.stream().map(Items.Item::group).toList();
  }

  private static List<String> names(List<Items.Item> items) {
    return items.stream().map(Items.Item::name).toList();
  }
}
