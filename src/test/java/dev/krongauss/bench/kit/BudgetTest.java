package dev.krongauss.bench.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The shares of a session's time, with a clock that the test turns. */
final class BudgetTest {
  private static final double ROUNDING = 1e-6;

  private final AtomicLong now = new AtomicLong(123);

  @Test
  void whatIsLeftIsShared() {
    Budget budget = budget(100);
    assertThat(budget.grant("a")).isCloseTo(50, within(ROUNDING));
    pass(50);
    assertThat(budget.grant("b")).isCloseTo(30, within(ROUNDING));
    pass(30);
    assertThat(budget.grant("c")).isCloseTo(20, within(ROUNDING));
    pass(20);
    assertThat(budget.left()).isZero();
  }

  @Test
  void whatOneLeavesGoesToAllThatFollow() {
    Budget budget = budget(100);
    budget.grant("a");
    pass(10); // of 50
    assertThat(budget.grant("b")).isCloseTo(54, within(ROUNDING)); // 90 * 3 / 5
    pass(4);
    assertThat(budget.grant("c")).isCloseTo(86, within(ROUNDING));
  }

  @Test
  void whatOneTakesTooMuchOfIsTakenFromAllThatFollow() {
    Budget budget = budget(100);
    budget.grant("a");
    pass(80);
    assertThat(budget.grant("b")).isCloseTo(12, within(ROUNDING));
    pass(12);
    assertThat(budget.grant("c")).isCloseTo(8, within(ROUNDING));
    pass(30);
    assertThat(budget.left()).isZero();
  }

  @Test
  void whatIsNotWorthBeginningLeavesItsShare() {
    Budget budget = budget(20);
    budget.grant("a");
    pass(10);
    assertThat(budget.grant("b")).as("6 s where 10 are needed").isZero();
    assertThat(budget.grant("c")).isCloseTo(10, within(ROUNDING));
  }

  @Test
  void whatCannotFitAnyMoreCountsNoMore() {
    Budget budget = budget(9); // b needs 10
    assertThat(budget.grant("a")).isCloseTo(9 * 25 / 35.0, within(ROUNDING));
    pass(5);
    assertThat(budget.grant("b")).isZero();
    assertThat(budget.grant("c")).isCloseTo(4, within(ROUNDING));
  }

  @Test
  void whatTheOthersNeedGetsItsLeast() {
    Budget budget =
        new Budget(
            20,
            now::get,
            List.of(new Budget.Claim("a", 1, 5, true), new Budget.Claim("b", 99, 10, false)));
    assertThat(budget.grant("a")).isEqualTo(5);
    pass(5);
    assertThat(budget.grant("b")).isCloseTo(15, within(ROUNDING));
  }

  @Test
  void partsComeInTheirOrder() {
    Budget budget = budget(20);
    assertThatThrownBy(() -> budget.grant("b")).hasMessageContaining("b is asked for");
  }

  private Budget budget(double seconds) {
    return new Budget(
        seconds,
        now::get,
        List.of(
            new Budget.Claim("a", 25, 1, false),
            new Budget.Claim("b", 15, 10, false),
            new Budget.Claim("c", 10, 1, false)));
  }

  private void pass(double seconds) {
    now.addAndGet((long) (seconds * 1e9));
  }
}
