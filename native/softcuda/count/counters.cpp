#include "counters.h"

#include <numeric>

namespace softcuda {

namespace {

// The one list of counters beside the classes of instructions.
struct Field {
  const char* name;
  uint64_t& (*of)(Counters&);
};

#define FIELD(name, member) \
  { name, [](Counters& c) -> uint64_t& { return c.member; } }
constexpr Field fields[] = {
    FIELD("launches", launches),
    FIELD("blocks", blocks),
    FIELD("threads", threads),
    FIELD("branches", branches),
    FIELD("divergent_branches", divergent_branches),
    FIELD("flops_f32", flops_f32),
    FIELD("flops_f64", flops_f64),
    FIELD("flops_half", flops_half),
    FIELD("flops_matrix_tf32", flops_matrix_tf32),
    FIELD("flops_matrix_half", flops_matrix_half),
    FIELD("special_functions", special),
    FIELD("load_requests", load.requests),
    FIELD("load_requested_bytes", load.requested_bytes),
    FIELD("load_unique_bytes", load.unique_bytes),
    FIELD("load_sectors", load.sectors),
    FIELD("load_lines", load.lines),
    FIELD("store_requests", store.requests),
    FIELD("store_requested_bytes", store.requested_bytes),
    FIELD("store_unique_bytes", store.unique_bytes),
    FIELD("store_sectors", store.sectors),
    FIELD("store_lines", store.lines),
    FIELD("least_read_bytes", least_read_bytes),
    FIELD("least_written_bytes", least_written_bytes),
    FIELD("shared_requests", shared_requests),
    FIELD("shared_bytes", shared_bytes),
    FIELD("shared_wavefronts", shared_wavefronts),
    FIELD("shared_ideal_wavefronts", shared_ideal_wavefronts),
    FIELD("local_bytes", local_bytes),
    FIELD("constant_bytes", constant_bytes),
    FIELD("async_copy_bytes", async_copy_bytes),
    FIELD("barriers", barriers),
};
#undef FIELD

uint64_t sum(const uint64_t (&values)[kInstructionClasses]) { return std::accumulate(values, values + kInstructionClasses, uint64_t{0}); }

}  // namespace

uint64_t Counters::all_warp_instructions() const { return sum(warp_instructions); }

uint64_t Counters::all_thread_instructions() const { return sum(thread_instructions); }

double Counters::divergence() const {
  const uint64_t warps = all_warp_instructions();
  return warps == 0 ? 0 : 1 - static_cast<double>(all_thread_instructions()) / (32.0 * static_cast<double>(warps));
}

void Counters::add(const Counters& other) {
  Counters copy = other;
  for (const Field& f : fields) f.of(*this) += f.of(copy);
  for (int k = 0; k < kInstructionClasses; ++k) {
    warp_instructions[k] += other.warp_instructions[k];
    thread_instructions[k] += other.thread_instructions[k];
  }
}

std::vector<std::pair<std::string, uint64_t>> Counters::values() const {
  Counters copy = *this;
  std::vector<std::pair<std::string, uint64_t>> list;
  for (const Field& f : fields) list.emplace_back(f.name, f.of(copy));
  for (int k = 0; k < kInstructionClasses; ++k) {
    const std::string name = name_of(static_cast<InstructionClass>(k));
    list.emplace_back("warp_" + name, warp_instructions[k]);
    list.emplace_back("thread_" + name, thread_instructions[k]);
  }
  return list;
}

}  // namespace softcuda
