// How many blocks of a kernel fit on a multiprocessor of an A100 (sm_80) or H100 (sm_90). A filter: each line
//   FILE ISA KERNEL THREADS ARCH REGISTERS SHARED_BYTES
// comes out with the blocks and the occupancy in per cent appended. By the formula of the CUDA C Programming Guide (warps by registers,
// blocks by shared memory, threads and slots); where the toolkit has cuda_occupancy.h the two have to agree.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#if __has_include(<cuda_occupancy.h>)
#include <cuda_occupancy.h>
#define HAS_CALCULATOR 1
#else
#define HAS_CALCULATOR 0
#endif

namespace {

constexpr int kWarp = 32, kThreads = 2048, kBlocks = 32, kRegisters = 65536, kReserved = 1024;

struct Kernel {
  int threads, registers, shared;
};

int shared_of(const std::string& arch) { return (arch == "sm_80" ? 164 : 228) * 1024; }

int round_up(int x, int unit) { return (x + unit - 1) / unit * unit; }

int by_formula(const Kernel& k, const std::string& arch) {
  const int warps = (k.threads + kWarp - 1) / kWarp;
  const int resident = 4 * (kRegisters / 4 / round_up(std::max(k.registers, 1) * kWarp, 256));  // four partitions
  const int shared = round_up(k.shared + kReserved, 128);
  return std::min({kThreads / kWarp / warps, resident / warps, shared_of(arch) / shared, kBlocks});
}

#if HAS_CALCULATOR
int by_calculator(const Kernel& k, const std::string& arch) {
  cudaOccDeviceProp gpu;
  gpu.computeMajor = arch == "sm_80" ? 8 : 9;
  gpu.computeMinor = 0;
  gpu.maxThreadsPerBlock = 1024;
  gpu.maxThreadsPerMultiprocessor = kThreads;
  gpu.regsPerBlock = gpu.regsPerMultiprocessor = kRegisters;
  gpu.warpSize = kWarp;
  gpu.sharedMemPerBlock = 48 * 1024;
  gpu.sharedMemPerMultiprocessor = shared_of(arch);
  gpu.sharedMemPerBlockOptin = shared_of(arch) - kReserved;
  gpu.reservedSharedMemPerBlock = kReserved;
  gpu.numSms = arch == "sm_80" ? 108 : 132;
  cudaOccFuncAttributes function;
  function.maxThreadsPerBlock = k.threads;
  function.numRegs = k.registers;
  // all of it as dynamic, beyond 48 KB asked for: no difference where it fits
  function.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
  function.maxDynamicSharedSizeBytes = k.shared;
  cudaOccDeviceState state;
  cudaOccResult result;
  const cudaOccError error = cudaOccMaxActiveBlocksPerMultiprocessor(&result, &gpu, &function, &state, k.threads, k.shared);
  return error == CUDA_OCC_SUCCESS ? result.activeBlocksPerMultiprocessor : -error;
}
#endif

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    std::string file, isa, name, arch;
    Kernel k;
    if (!(in >> file >> isa >> name >> k.threads >> arch >> k.registers >> k.shared) || (arch != "sm_80" && arch != "sm_90")) {
      std::cerr << "kernels/occupancy: not a kernel's line: " << line << '\n';
      return 1;
    }
    const int blocks = by_formula(k, arch);
#if HAS_CALCULATOR
    if (const int calculated = by_calculator(k, arch); calculated != blocks) {
      std::cerr << "kernels/occupancy: " << blocks << " blocks by the formula, " << calculated << " by cuda_occupancy.h: " << line << '\n';
      return 1;
    }
#endif
    std::cout << line << ' ' << blocks << ' ' << 100 * blocks * k.threads / kThreads << '\n';
  }
}
