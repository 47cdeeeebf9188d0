// cuGetProcAddress: how the CUDA runtime, which is linked into programs, finds the driver's functions.
#include "proc_address.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "guard.h"

namespace softcuda {
namespace {

std::unordered_map<void*, void*>& per_thread_forms() {
  static auto* const forms = new std::unordered_map<void*, void*>;
  return *forms;
}

enum SearchFlag : uint64_t { kLegacyStream = 1, kPerThreadStream = 2 };
enum QueryResult : int { kFound = 0, kSymbolNotFound = 1, kVersionNotSufficient = 2 };

struct Query {
  void* address;
  QueryResult result;
};

// The newest symbol of this base name that is not newer than `version`. The table is ordered by name, then version.
Query find(const char* base, int version) {
  const auto *const begin = kVersionedSymbols, *const end = begin + kVersionedSymbolCount;
  const auto* at = std::lower_bound(begin, end, base, [](const VersionedSymbol& s, const char* name) { return strcmp(s.base, name) < 0; });
  if (at == end || strcmp(at->base, base) != 0) return {nullptr, kSymbolNotFound};
  Query best{nullptr, kVersionNotSufficient};
  for (; at != end && strcmp(at->base, base) == 0 && at->version <= version; ++at) best = {at->address, kFound};
  return best;
}

Query look_up(const char* base, void** address, int version, uint64_t flags) {
  require_pointer(base, "symbol");
  require_pointer(address, "pfn");
  *address = nullptr;
  if (version > kDriverVersion) {
    throw Failure(kInvalidValue, "this driver is of CUDA version " + std::to_string(kDriverVersion) + ", asked for " + base + " of version " +
                                     std::to_string(version));
  }
  if ((flags & ~uint64_t{kLegacyStream | kPerThreadStream}) != 0 || flags == (kLegacyStream | kPerThreadStream)) {
    throw Failure(kInvalidValue, "flags " + std::to_string(flags) + " of cuGetProcAddress");
  }
  Query query = find(base, version);
  if (flags == kPerThreadStream) {
    const auto form = per_thread_forms().find(query.address);
    if (form != per_thread_forms().end()) query.address = form->second;
  }
  *address = query.address;
  return query;
}

}  // namespace

thread_local bool PerThreadDefaultStream::on_ = false;

PerThreadForms::PerThreadForms(std::initializer_list<Form> forms) {
  for (const Form& form : forms) per_thread_forms()[form.plain] = form.per_thread;
}

}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT CUresult cuGetProcAddress_v2(const char* symbol, void** address, int version, uint64_t flags, int* result) {
  return guarded("cuGetProcAddress", [&] {
    const Query query = look_up(symbol, address, version, flags);
    if (result != nullptr) *result = query.result;
    return kSuccess;
  });
}

// Of CUDA 11.3: there is no place for the kind of failure.
SOFTCUDA_EXPORT CUresult cuGetProcAddress(const char* symbol, void** address, int version, uint64_t flags) {
  return guarded("cuGetProcAddress", [&] {
    if (look_up(symbol, address, version, flags).result != kFound) {
      throw Failure(kNotFound, std::string(symbol) + " of CUDA version " + std::to_string(version));
    }
    return kSuccess;
  });
}

// Tables of functions between NVIDIA's driver and NVIDIA's own libraries, which are not documented: there are none. The CUDA runtime does not
// start without them and gives 500 for every call; programs of the runtime API are told why.
SOFTCUDA_EXPORT CUresult cuGetExportTable(const void** table, const CudaUuid* id) {
  return guarded("cuGetExportTable", [&]() -> CUresult {
    require_pointer(table, "table");
    require_pointer(id, "id");
    *table = nullptr;
    constexpr const char* kWhy =
        "NVIDIA's CUDA runtime asks for a private table of NVIDIA's driver, which SoftCUDA does not have: use the driver API, or JCuda's runtime API "
        "after Device.open()";
    static std::once_flag said;
    std::call_once(said, [] { fprintf(stderr, "SoftCUDA: %s\n", kWhy); });
    throw Failure(kNotFound, kWhy);
  });
}
