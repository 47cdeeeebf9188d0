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
  void eachGetsItsLeastAndItsShareOfTheRest() {
    Budget budget = budget(112);
    assertThat(budget.grant("a")).isCloseTo(1 + 50, within(ROUNDING));
    pass(51);
    assertThat(budget.grant("b")).isCloseTo(10 + 30, within(ROUNDING));
    pass(40);
    assertThat(budget.grant("c")).isCloseTo(1 + 20, within(ROUNDING));
    pass(21);
    assertThat(budget.left()).isZero();
  }

  @Test
  void whatOneLeavesGoesToAllThatFollow() {
    Budget budget = budget(112);
    budget.grant("a");
    pass(1); // of 51
    assertThat(budget.grant("b")).isCloseTo(10 + 60, within(ROUNDING)); // 100 * 3 / 5
    pass(10);
    assertThat(budget.grant("c")).isCloseTo(101, within(ROUNDING));
  }

  @Test
  void whatOneTakesTooMuchOfIsTakenFromAllThatFollow() {
    Budget budget = budget(112);
    budget.grant("a");
    pass(91);
    assertThat(budget.grant("b")).isCloseTo(10 + 6, within(ROUNDING));
    pass(16);
    assertThat(budget.grant("c")).isCloseTo(1 + 4, within(ROUNDING));
    pass(30);
    assertThat(budget.left()).isZero();
  }

  /** One that does not fit behind those before it leaves all to those that do. */
  @Test
  void whatDoesNotFitIsLeftOut() {
    Budget budget = budget(10.5);
    assertThat(budget.grant("a")).isCloseTo(1 + 8.5 * 25 / 35, within(ROUNDING));
    pass(8);
    assertThat(budget.grant("b")).as("2.5 s where 10 are needed").isZero();
    assertThat(budget.grant("c")).isCloseTo(2.5, within(ROUNDING));
  }

  /** What did not fit at first gets its turn where those before it leave enough. */
  @Test
  void whatFitsInTheEndIsDone() {
    Budget budget = budget(10.5);
    budget.grant("a");
    pass(0.5);
    assertThat(budget.grant("b")).isCloseTo(10, within(ROUNDING));
    pass(10);
    assertThat(budget.grant("c")).isZero();
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
            new Budget.Claim("a", 25, 1),
            new Budget.Claim("b", 15, 10),
            new Budget.Claim("c", 10, 1)));
  }

  private void pass(double seconds) {
    now.addAndGet((long) (seconds * 1e9));
  }
}
