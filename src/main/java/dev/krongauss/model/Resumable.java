package dev.krongauss.model;

/** Has a state from which it goes on exactly as if it had never stopped. */
public interface Resumable {
  /**
   * Walks over the state, once more than once for one checkpoint; the names depend on the settings
   * alone, not on how far things are.
   *
   * @throws IllegalStateException if there is no state to be taken or replaced at this moment
   */
  void exchange(State state);

  /** The weights of a model, {@code W1} … {@code WL}. */
  static Resumable weights(Model model) {
    return state -> state.matrices("W", model.parameters());
  }
}
