// cuGetProcAddress: names, versions, forms for the thread's own default stream.
#include <thread>

#include "program.h"

namespace {

CU(cuGetProcAddress_v2, const char*, void**, int, uint64_t, int*);
CU(cuGetProcAddress, const char*, void**, int, uint64_t);
CU(cuGetExportTable, const void**, const void*);
CU(cuStreamGetId, void*, unsigned long long*);

enum { kFound = 0, kSymbolNotFound = 1, kVersionNotSufficient = 2 };
constexpr uint64_t kLegacy = 1, kPerThread = 2;

void* exported(const char* symbol) { return dlsym(open_library("libcuda.so.1"), symbol); }

void* ask(const char* base, int version, int wanted, uint64_t flags = 0) {
  void* address = &address;
  int result = -1;
  CHECK_EQUAL(0, cuGetProcAddress_v2(base, &address, version, flags, &result));
  CHECK_EQUAL(wanted, result);
  CHECK((address != nullptr) == (wanted == kFound));
  return address;
}

int driver_version() {
  int version = 0;
  CHECK_EQUAL(0, cuDriverGetVersion(&version));
  return version;
}

TEST(a_name_stands_for_the_symbol_of_its_version) {
  const struct {
    const char* base;
    int version;
    const char* symbol;
  } cases[] = {{"cuInit", 2000, "cuInit"},
               {"cuMemAlloc", 3020, "cuMemAlloc_v2"},
               {"cuMemAlloc", 12060, "cuMemAlloc_v2"},
               {"cuStreamBeginCapture", 10000, "cuStreamBeginCapture"},
               {"cuStreamBeginCapture", 10010, "cuStreamBeginCapture_v2"},
               {"cuCtxCreate", 11030, "cuCtxCreate_v2"},
               {"cuCtxCreate", 11040, "cuCtxCreate_v3"},
               {"cuCtxCreate", 13000, "cuCtxCreate_v4"},
               {"cuGraphInstantiate", 11080, "cuGraphInstantiate_v2"},
               {"cuGraphInstantiate", 12000, "cuGraphInstantiateWithFlags"},
               {"cuDevicePrimaryCtxRelease", 7000, "cuDevicePrimaryCtxRelease"},
               {"cuDevicePrimaryCtxRelease", 11000, "cuDevicePrimaryCtxRelease_v2"},
               {"cuGetProcAddress", 11030, "cuGetProcAddress"},
               {"cuGetProcAddress", 12000, "cuGetProcAddress_v2"}};
  for (const auto& c : cases) CHECK(ask(c.base, c.version, kFound) == exported(c.symbol));
}

TEST(what_is_not_there_is_told_apart_from_what_is_newer) {
  ask("cuNoSuchFunction", 12000, kSymbolNotFound);
  ask("cuMemAlloc_v2", 12000, kSymbolNotFound);
  ask("", 0, kSymbolNotFound);
  ask("cuMemAlloc", 3010, kVersionNotSufficient);
  ask("cuLaunchHostFunc", 9000, kVersionNotSufficient);
}

TEST(the_first_form_returns_the_failure) {
  void* address = nullptr;
  CHECK_EQUAL(0, cuGetProcAddress("cuMemAlloc", &address, 11030, 0));
  CHECK(address == exported("cuMemAlloc_v2"));
  CHECK_EQUAL(kNotFound, cuGetProcAddress("cuNoSuchFunction", &address, 11030, 0));
  CHECK(address == nullptr);
  CHECK_CONTAINS(softcudaLastMessage(), "cuNoSuchFunction");
}

TEST(wrong_arguments_are_refused) {
  void* address = nullptr;
  int result = 0;
  CHECK_EQUAL(kInvalidValue, cuGetProcAddress_v2("cuInit", &address, driver_version() + 10, 0, &result));
  CHECK_CONTAINS(softcudaLastMessage(), "this driver is of CUDA version");
  CHECK_EQUAL(0, cuGetProcAddress_v2("cuInit", &address, driver_version(), 0, nullptr));
  CHECK_EQUAL(kInvalidValue, cuGetProcAddress_v2("cuInit", &address, 12000, kLegacy | kPerThread, &result));
  CHECK_EQUAL(kInvalidValue, cuGetProcAddress_v2("cuInit", &address, 12000, 4, &result));
  CHECK_EQUAL(kInvalidValue, cuGetProcAddress_v2(nullptr, &address, 12000, 0, &result));
  CHECK_EQUAL(kInvalidValue, cuGetProcAddress_v2("cuInit", nullptr, 12000, 0, &result));
}

TEST(an_unsupported_function_is_found_and_says_so) {
  TestContext context;
  const auto managed = reinterpret_cast<int (*)(Ptr*, size_t, unsigned)>(ask("cuMemAllocManaged", 12000, kFound));
  Ptr memory = 0;
  CHECK_EQUAL(kNotSupported, managed(&memory, 4, 1));
  CHECK_CONTAINS(softcudaLastMessage(), "cuMemAllocManaged is not supported by SoftCUDA");
}

TEST(each_thread_has_a_default_stream_of_its_own) {
  TestContext context;
  void* current = nullptr;
  CHECK_EQUAL(0, cuCtxGetCurrent(&current));
  const auto id = reinterpret_cast<int (*)(void*, unsigned long long*)>(ask("cuStreamGetId", 12000, kFound, kPerThread));
  CHECK(ask("cuStreamGetId", 12000, kFound, kLegacy) == exported("cuStreamGetId"));
  CHECK(ask("cuInit", 12000, kFound, kPerThread) == exported("cuInit"));
  unsigned long long mine = 0, again = 0, by_handle = 0, legacy = 0, legacy_by_handle = 0, other = 0;
  CHECK_EQUAL(0, id(nullptr, &mine));
  CHECK_EQUAL(0, id(nullptr, &again));
  CHECK_EQUAL(0, cuStreamGetId(reinterpret_cast<void*>(2), &by_handle));
  CHECK_EQUAL(0, cuStreamGetId(nullptr, &legacy));
  CHECK_EQUAL(0, id(reinterpret_cast<void*>(1), &legacy_by_handle));
  std::thread([&] {
    CHECK_EQUAL(0, cuCtxSetCurrent(current));
    CHECK_EQUAL(0, id(nullptr, &other));
  }).join();
  CHECK_EQUAL(mine, again);
  CHECK_EQUAL(mine, by_handle);
  CHECK_EQUAL(legacy, legacy_by_handle);
  CHECK(mine != legacy && other != legacy && mine != other);
}

TEST(the_forms_for_the_own_stream_do_the_work) {
  TestContext context;
  const Kernels kernels;
  const auto copy_in = reinterpret_cast<int (*)(Ptr, const void*, size_t)>(ask("cuMemcpyHtoD", 12000, kFound, kPerThread));
  const auto copy_out = reinterpret_cast<int (*)(void*, Ptr, size_t)>(ask("cuMemcpyDtoH", 12000, kFound, kPerThread));
  const auto launch = reinterpret_cast<std::remove_const_t<decltype(cuLaunchKernel)>>(ask("cuLaunchKernel", 12000, kFound, kPerThread));
  const auto synchronise = reinterpret_cast<int (*)(void*)>(ask("cuStreamSynchronize", 12000, kFound, kPerThread));
  CHECK(reinterpret_cast<void*>(copy_in) != exported("cuMemcpyHtoD_v2"));
  DeviceArray<> x(64);
  std::vector<float> values(64, 3.f);
  CHECK_EQUAL(0, copy_in(x.address(), values.data(), 256));
  Ptr in = x.address(), out = x.address();
  int n = 64;
  float add = 1.f;
  void* params[] = {&in, &out, &n, &add};
  CHECK_EQUAL(0, launch(kernels.function("scale_add"), 1, 1, 1, 64, 1, 1, 0, nullptr, params, nullptr));
  CHECK_EQUAL(0, synchronise(nullptr));
  CHECK_EQUAL(0, copy_out(values.data(), x.address(), 256));
  CHECK(values[63] == 7.f);
  // It orders with the default stream.
  CHECK_EQUAL(0, launch(kernels.function("scale_add"), 1, 1, 1, 64, 1, 1, 0, nullptr, params, nullptr));
  CHECK(x.get()[0] == 15.f);
}

TEST(private_tables_are_not_there) {
  const char id[16] = {};
  const void* table = id;
  CHECK_EQUAL(kNotFound, cuGetExportTable(&table, id));
  CHECK(table == nullptr);
  CHECK_CONTAINS(softcudaLastMessage(), "private table");
}

}  // namespace

int main() { return run_all(); }
