#include "refusal.h"

#include <cstring>

namespace softcuda {

namespace {

struct Reason {
  const char* begin;  // of the opcode; empty: any
  const char* part;   // anywhere in it; empty: any
  const char* text;
};

constexpr const char* kNewer = "it needs sm_90 or newer, and this device is sm_80: compile for compute_80";
constexpr const char* kTexture = "a texture or surface: read through a pointer (__ldg, const float*), or run on a GPU";

// The first that fits counts.
constexpr Reason reasons[] = {
    {"tex.", "", kTexture},
    {"tld4", "", kTexture},
    {"txq", "", kTexture},
    {"suld", "", kTexture},
    {"sust", "", kTexture},
    {"sured", "", kTexture},
    {"suq", "", kTexture},
    {"istypep", "", kTexture},
    {"wmma", "", "nvcuda::wmma (mma.h), whose fragments have no defined layout: use mma.sync, or run on a GPU"},
    {"mma.sp", "", "sparse matrices: multiply dense ones (mma.sync), or run on a GPU"},
    {"mma", "m8n8k4", "a shape of sm_70: use m16n8k8 or m16n8k16, or run on a GPU"},
    {"mma", "e4m3", "FP8 needs sm_89, and this device is sm_80"},
    {"mma", "e5m2", "FP8 needs sm_89, and this device is sm_80"},
    {"cvt", "e4m3", "FP8 needs sm_89, and this device is sm_80"},
    {"cvt", "e5m2", "FP8 needs sm_89, and this device is sm_80"},
    {"cp.async.bulk", "", kNewer},
    {"cp.reduce", "", kNewer},
    {"multimem", "", kNewer},
    {"mapa", "", kNewer},
    {"getctarank", "", kNewer},
    {"griddepcontrol", "", kNewer},
    {"elect", "", kNewer},
    {"setmaxnreg", "", kNewer},
    {"stmatrix", "", kNewer},
    {"wgmma", "", kNewer},
    {"tcgen05", "", kNewer},
    {"st.async", "", kNewer},
    {"red.async", "", kNewer},
    {"clusterlaunchcontrol", "", kNewer},
    {"tensormap", "", kNewer},
    {"barrier.cluster", "", kNewer},
    {"fence.proxy", "", kNewer},
    {"mbarrier.try_wait", "", "cuda::barrier compiled for sm_90; this device is sm_80: compile for compute_80, which gives mbarrier.test_wait"},
    {"mbarrier", "", "of mbarrier there is what sm_80 has: init, inval, arrive, arrive_drop, noComplete, test_wait, pending_count"},
    {"atom", "bf16", kNewer},
    {"red", "bf16", kNewer},
    {"atom", "b128", kNewer},
    {"", ".b128", "values of 128 bits: use two of 64 bits (v2.b64)"},
    {"rcp", "", "PTX flushes only rcp.approx.ftz.f64: leave .ftz out"},
    {"v", "", "a video instruction, which compilers do not write for sm_80: write it with shifts and masks"},
    {"shfl", "", "without .sync it is not for sm_70 and newer: use __shfl_sync"},
    {"vote", "", "without .sync it is not for sm_70 and newer: use __ballot_sync, __any_sync or __all_sync"},
};

}  // namespace

std::string way_out(const std::string& opcode) {
  for (const Reason& r : reasons) {
    if (opcode.compare(0, std::strlen(r.begin), r.begin) == 0 && opcode.find(r.part) != std::string::npos) return std::string("; ") + r.text;
  }
  return "; run it on a GPU (-Dkrongauss.device=cuda), or leave the instruction out: native/softcuda/INSTRUCTIONS.md lists those that run";
}

}  // namespace softcuda
