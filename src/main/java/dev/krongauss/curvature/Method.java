package dev.krongauss.curvature;

/**
 * The three ways to get the curvature factor G of a layer, as two switches of one engine: what
 * starts at the output layer and how it goes back.
 *
 * <p>Source: Botev, Ritter, Barber 2017, "Kronecker Factored Recursive Approximation" and the
 * sections beside it.
 */
public enum Method {
  /** Gradient at a target sampled from the model; Monte Carlo, unbiased for the Fisher. */
  KFAC(Start.SAMPLED_GRADIENT, Route.PER_DATAPOINT),
  /** Exact square root of the output Hessian, K columns a datapoint; G exact. */
  KFLR(Start.SQUARE_ROOT, Route.PER_DATAPOINT),
  /** Mean output Hessian, expectations taken layer by layer. */
  KFRA(Start.MEAN_HESSIAN, Route.AVERAGED);

  /** What starts at the output layer. */
  public enum Start {
    SAMPLED_GRADIENT,
    SQUARE_ROOT,
    MEAN_HESSIAN
  }

  /** How it goes back through a layer. */
  public enum Route {
    PER_DATAPOINT,
    AVERAGED
  }

  private final Start start;
  private final Route route;

  Method(Start start, Route route) {
    this.start = start;
    this.route = route;
  }

  public Start start() {
    return start;
  }

  public Route route() {
    return route;
  }
}
