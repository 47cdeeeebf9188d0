package dev.krongauss.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class RanksTest {
  @Test
  void eachLauncherIsUnderstood() {
    assertThat(
            Ranks.of(
                Map.of(
                    "OMPI_COMM_WORLD_RANK", "3",
                    "OMPI_COMM_WORLD_SIZE", "4",
                    "OMPI_COMM_WORLD_LOCAL_RANK", "1")))
        .isEqualTo(new Ranks(3, 4, 1, "mpirun of Open MPI"));
    assertThat(Ranks.of(Map.of("PMI_RANK", "1", "PMI_SIZE", "2", "MPI_LOCALRANKID", "0")))
        .isEqualTo(new Ranks(1, 2, 0, "mpirun of MPICH"));
    assertThat(Ranks.of(Map.of("RANK", "2", "WORLD_SIZE", "8", "LOCAL_RANK", "2")))
        .isEqualTo(new Ranks(2, 8, 2, "the environment"));
    assertThat(Ranks.of(slurm(true))).isEqualTo(new Ranks(5, 8, 1, "srun of Slurm"));
    assertThat(Ranks.of(Map.of("HOME", "/"))).isEqualTo(Ranks.alone());
    assertThat(Ranks.of(Map.of("RANK", "0", "WORLD_SIZE", "1")).localRank()).isZero();
  }

  private static Map<String, String> slurm(boolean step) {
    return Map.of(
        "SLURM_PROCID",
        "5",
        "SLURM_NTASKS",
        "8",
        "SLURM_LOCALID",
        "1",
        step ? "SLURM_STEP_ID" : "SLURM_JOB_ID",
        "7");
  }

  @Test
  void aBatchScriptOfSlurmIsNoRank() {
    assertThat(Ranks.of(slurm(false))).isEqualTo(Ranks.alone());
  }

  @Test
  void thePmiOfSlurmHasItsLocalRankFromSlurm() {
    Map<String, String> both =
        Map.of(
            "PMI_RANK", "5",
            "PMI_SIZE", "8",
            "SLURM_PROCID", "5",
            "SLURM_NTASKS", "8",
            "SLURM_LOCALID", "1",
            "SLURM_STEP_ID", "0");
    assertThat(Ranks.of(both)).isEqualTo(new Ranks(5, 8, 1, "mpirun of MPICH"));
  }

  /** MPICH's starts a helper on each machine by an srun of its own: all ranks are its task 0. */
  @Test
  void theMpirunOfABatchScriptCounts() {
    Map<String, String> both =
        Map.of(
            "PMI_RANK", "1",
            "PMI_SIZE", "2",
            "MPI_LOCALRANKID", "1",
            "SLURM_PROCID", "0",
            "SLURM_NTASKS", "2",
            "SLURM_LOCALID", "0",
            "SLURM_STEP_ID", "0");
    assertThat(Ranks.of(both)).isEqualTo(new Ranks(1, 2, 1, "mpirun of MPICH"));
  }

  @Test
  void whatToGiveSrunIsSaidToItsTasks() {
    assertThat(Ranks.adviceForSrun(slurm(true)))
        .contains("--mpi=pmi2 for MPICH, --mpi=pmix for Open MPI (--mpi is none here)");
    assertThat(Ranks.adviceForSrun(slurm(false))).isEmpty();
    assertThat(Ranks.lacksPmix(slurm(true))).isTrue();
    assertThat(Ranks.lacksPmix(Map.of("SLURM_STEP_ID", "0", "PMIX_RANK", "1"))).isFalse();
    assertThat(Ranks.lacksPmix(Map.of("SLURM_STEP_ID", "0", "OMPI_COMM_WORLD_RANK", "1")))
        .as("an mpirun's helper was started by srun")
        .isFalse();
    assertThat(Ranks.lacksPmix(Map.of())).isFalse();
  }

  @Test
  void contradictionsNameBothSides() {
    assertThatThrownBy(
            () ->
                Ranks.of(
                    Map.of(
                        "PMI_RANK", "1",
                        "PMI_SIZE", "2",
                        "MPI_LOCALRANKID", "1",
                        "RANK", "1",
                        "WORLD_SIZE", "4",
                        "LOCAL_RANK", "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "rank 1 of 2 by mpirun of MPICH and rank 1 of 4 by the environment contradict");
  }

  @Test
  void whatIsMissingOrNoNumberIsNamed() {
    assertThatThrownBy(() -> Ranks.of(Map.of("RANK", "1", "LOCAL_RANK", "1")))
        .hasMessageContaining("WORLD_SIZE is not set, but others of the environment are");
    assertThatThrownBy(() -> Ranks.of(Map.of("RANK", "1", "WORLD_SIZE", "2")))
        .hasMessageContaining("LOCAL_RANK is not set");
    assertThatThrownBy(() -> Ranks.of(Map.of("RANK", "one", "WORLD_SIZE", "2")))
        .hasMessageContaining("RANK is 'one'; it must be a number");
    assertThatThrownBy(() -> Ranks.of(Map.of("RANK", "2", "WORLD_SIZE", "2", "LOCAL_RANK", "0")))
        .hasMessageContaining("rank 2 of 2, local rank 0 (from the environment)");
  }
}
