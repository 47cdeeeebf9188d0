#pragma once
#include <cstdint>
#include <string>

namespace softcuda {

enum class MatrixProfile { A100, H100, Worst };
enum class Gpu { H100, A100, Rtx4090, H200 };

// Settings of the whole process, initialised from the environment: option "check" is KRONGAUSS_SOFTCUDA_CHECK, and so on.
// May change between launches. native/softcuda/README.md has the table for users.
struct Options {
  // check: comma list of memory, init, race, barrier, leak; or all, or none.
  bool check_memory = false;
  bool check_init = false;
  bool check_race = false;
  bool check_same = false;  // also stores of the same value; needs check_race
  bool check_barrier = false;
  bool check_leak = false;
  // processors: how many this process may use; default what affinity and control groups leave it. Threads follow this number.
  int processors = 1;
  // workers: threads that run blocks, 1..256; default as many as processors.
  int workers = 1;
  bool workers_chosen = false;
  // seed: 0 runs warps, blocks and streams in the natural order; another number in an order drawn from it, on one thread, so that
  // the same seed gives the same order again.
  uint64_t seed = 0;
  uint64_t launches = 0;  // since the seed was set
  // mma: a100, h100 or worst: how tensor cores round.
  MatrixProfile mma = MatrixProfile::A100;
  // count: empty: nothing is counted; "stderr", or a file that gets the counters of each kernel or launch.
  std::string count;
  // printf: where the output of kernels goes: stdout, stderr, none, or a file.
  std::string printf = "stdout";
  // gpu: h100, a100, rtx4090 or h200: whose time the counters estimate.
  Gpu gpu = Gpu::H100;
  // engine: auto runs translated kernels where there are some and nothing is checked or counted; interpreter never does;
  // translated fails where a kernel has no translation.
  bool translated = true, must_translate = false;

  // capture: any takes library calls of cuSOLVER into a capture, device refuses what a device refuses there.
  bool capture_as_device = false;
  // fault: context: a failed operation makes its context fail, and a new context works; process: all of the process, for good, as CUDA
  // says of a GPU.
  bool faults_last = false;

  // Every access of a kernel is looked at: memory, initialisation or races.
  bool checks_access() const { return check_memory || check_init || check_race; }

  static Options& global();
  // Throws std::invalid_argument that says what is allowed.
  void set(const std::string& name, const std::string& value);
};

}  // namespace softcuda
