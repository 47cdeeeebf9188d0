#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>

namespace softcuda {

// Every failure that a user's program can cause. `result` is the CUresult a GPU would give.
struct Failure : std::runtime_error {
  int result;
  Failure(int result, const std::string& what) : std::runtime_error(what), result(result) {}
};

// The CUresult values the engine raises (cuda.h is not included here).
enum Result {
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kInvalidPtx = 218,
  kNotFound = 500,
  kIllegalAddress = 700,
  kLaunchOutOfResources = 701,
  kAssert = 710,
  kIllegalInstruction = 715,
  kMisalignedAddress = 716,
  kInvalidPc = 718,
  kLaunchFailed = 719
};

// 0x1f, for the text of a failure.
std::string hex(uint64_t v);

}  // namespace softcuda
