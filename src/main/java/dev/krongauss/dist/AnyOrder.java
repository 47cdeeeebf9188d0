package dev.krongauss.dist;

/** A group whose sums may be taken in any order; all else is the group's. */
record AnyOrder(Collective group) implements ForwardingCollective {
  @Override
  public boolean anyOrder() {
    return true;
  }

  @Override
  public Collective inAnyOrder() {
    return this;
  }
}
