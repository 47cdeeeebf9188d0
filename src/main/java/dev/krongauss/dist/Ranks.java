package dev.krongauss.dist;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the program that started this process says of its ranks: {@code mpirun} of Open MPI and of
 * MPICH, Slurm's {@code srun}, or whoever sets {@code RANK} and {@code WORLD_SIZE} as PyTorch's
 * launchers do.
 *
 * @param rank from 0
 * @param size ranks of the group, at least 1
 * @param localRank from 0, among those of this machine; the number of the rank's device
 * @param source who said so, for messages and logs
 */
public record Ranks(int rank, int size, int localRank, String source) {
  /** The variables of one launcher. */
  private record Family(String source, String rank, String size, String local) {}

  private static final Family SLURM =
      new Family("srun of Slurm", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID");

  private static final Family BY_HAND =
      new Family("the environment", "RANK", "WORLD_SIZE", "LOCAL_RANK");

  /**
   * A batch script has SLURM_PROCID, too, and its mpirun hands it on to every rank: srun counts,
   * and not the one by which an mpirun starts its helpers, whose variables its ranks have as well.
   */
  private static final String SLURM_STEP = "SLURM_STEP_ID";

  private static final List<Family> LAUNCHERS =
      List.of(
          new Family(
              "mpirun of Open MPI",
              "OMPI_COMM_WORLD_RANK",
              "OMPI_COMM_WORLD_SIZE",
              "OMPI_COMM_WORLD_LOCAL_RANK"),
          new Family("mpirun of MPICH", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"),
          SLURM,
          BY_HAND);

  /** Checks the numbers. */
  public Ranks {
    if (size < 1 || rank < 0 || rank >= size || localRank < 0 || localRank > rank) {
      throw new IllegalArgumentException(
          "rank "
              + rank
              + " of "
              + size
              + ", local rank "
              + localRank
              + " (from "
              + source
              + "): a rank is 0 to size - 1, and a local one at most the rank");
    }
  }

  /** A process that nobody has started as one of several: rank 0 of 1. */
  public static Ranks alone() {
    return new Ranks(0, 1, 0, "no launcher");
  }

  /**
   * Of this process.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public static Ranks fromEnvironment() {
    return of(System.getenv());
  }

  /**
   * Of these variables; {@link #alone} if no launcher has set any.
   *
   * @throws IllegalArgumentException if a launcher's variables are not all there, are no numbers,
   *     or two launchers say different things; the message names them
   */
  public static Ranks of(Map<String, String> environment) {
    List<Ranks> found = new ArrayList<>();
    for (Family family : LAUNCHERS) {
      boolean notBySrun =
          family == SLURM && (!environment.containsKey(SLURM_STEP) || !found.isEmpty());
      boolean there = environment.containsKey(family.rank) || environment.containsKey(family.size);
      if (there && !notBySrun) {
        found.add(read(family, environment));
      }
    }
    if (found.isEmpty()) {
      return alone();
    }
    Ranks first = found.get(0);
    for (Ranks other : found) {
      if (other.rank != first.rank || other.size != first.size) {
        throw new IllegalArgumentException(
            first
                + " and "
                + other
                + " contradict each other; start the ranks with one of the two and unset the"
                + " variables of the other");
      }
    }
    return first;
  }

  /** What to do with a task of srun whose MPI finds no others; empty for one of an mpirun. */
  static String adviceForSrun(Map<String, String> environment) {
    return environment.containsKey(SLURM_STEP)
        ? "; under srun give --mpi=pmi2 for MPICH, --mpi=pmix for Open MPI (--mpi is "
            + environment.getOrDefault("SLURM_MPI_TYPE", "none")
            + " here)"
        : "";
  }

  /** Whether this is a task of srun, and of no mpirun, to which MPI cannot speak by PMIx. */
  static boolean lacksPmix(Map<String, String> environment) {
    return environment.containsKey(SLURM_STEP)
        && !environment.containsKey("PMIX_RANK")
        && !environment.containsKey("OMPI_COMM_WORLD_RANK");
  }

  private static Ranks read(Family family, Map<String, String> environment) {
    int rank = number(family, family.rank, environment);
    int size = number(family, family.size, environment);
    boolean local = size > 1;
    return new Ranks(rank, size, local ? local(family, environment) : 0, family.source);
  }

  /** MPICH's library under srun has a rank from PMI, and its local one from Slurm. */
  private static int local(Family family, Map<String, String> environment) {
    for (Family other : LAUNCHERS) {
      if (!environment.containsKey(family.local) && environment.containsKey(other.local)) {
        return number(other, other.local, environment);
      }
    }
    return number(family, family.local, environment);
  }

  private static int number(Family family, String name, Map<String, String> environment) {
    String text = environment.get(name);
    if (text == null) {
      throw new IllegalArgumentException(
          name
              + " is not set, but others of "
              + family.source
              + " are; a rank needs "
              + family.rank
              + ", "
              + family.size
              + " and "
              + family.local);
    }
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is '" + text + "'; it must be a number", e);
    }
  }

  @Override
  public String toString() {
    return "rank " + rank + " of " + size + " by " + source;
  }
}
