#include "report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "../exec/failure.h"
#include "launches.h"
#include "roofline.h"

namespace softcuda {

namespace {

struct Entry {
  std::string kernel;
  Counters counters;
  // Each launch is estimated on its own: grids differ.
  std::array<double, kGpus> seconds{};
  std::array<std::array<double, kLimits>, kGpus> by_limit{};

  Limit limit(size_t gpu) const {
    const auto& s = by_limit[gpu];
    return static_cast<Limit>(std::max_element(s.begin(), s.end()) - s.begin());
  }
};

void report_at_exit();

class Ledger {
 public:
  static Ledger& global() {
    // Never destroyed: a launch may still run when the process ends.
    static Ledger& ledger = *new Ledger;
    return ledger;
  }

  void add(const std::string& kernel, const Counters& launch) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!registered_) {
      registered_ = true;
      std::atexit(report_at_exit);
    }
    Entry& entry = entries_[kernel];
    entry.kernel = kernel;
    entry.counters.add(launch);
    for (size_t g = 0; g < kGpus; ++g) {
      const Estimate e = estimate(launch, gpu_models[g]);
      entry.seconds[g] += e.seconds;
      entry.by_limit[g][static_cast<size_t>(e.limit)] += e.seconds;
    }
    news_ = true;
    destination_ = Options::global().count;
  }

  Counters of(const std::string& kernel) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(kernel);
    return found == entries_.end() ? Counters() : found->second.counters;
  }

  void reset() {
    const std::lock_guard<std::mutex> lock(mutex_);
    entries_.clear();
    news_ = false;
  }

  // The most expensive kernel first.
  std::vector<Entry> entries(size_t gpu) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<Entry> list;
    for (const auto& e : entries_) list.push_back(e.second);
    std::stable_sort(list.begin(), list.end(), [&](const Entry& a, const Entry& b) { return a.seconds[gpu] > b.seconds[gpu]; });
    return list;
  }

  bool news() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return news_;
  }

  std::string begin_report() {
    const std::lock_guard<std::mutex> lock(mutex_);
    news_ = false;
    return Options::global().count.empty() ? destination_ : Options::global().count;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::string destination_;
  bool news_ = false, registered_ = false;
};

void report_at_exit() {
  if (!Ledger::global().news()) return;
  try {
    report_counters();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "softcuda: %s\n", e.what());
  }
}

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

// 12345 as 12.3 k: a table is read by its leading digits.
std::string scaled(double v) {
  static const char* const units[] = {"", " k", " M", " G", " T", " P"};
  int unit = 0;
  while (v >= 999.5 && unit < 5) v /= 1000, ++unit;
  return format(unit == 0 ? "%.0f%s" : v < 9.995 ? "%.2f%s" : v < 99.95 ? "%.1f%s" : "%.0f%s", v, units[unit]);
}
std::string scaled(uint64_t v) { return scaled(static_cast<double>(v)); }

std::string ratio(uint64_t a, uint64_t b) { return b == 0 ? "-" : format("%.2f", static_cast<double>(a) / static_cast<double>(b)); }
std::string percent(double part) { return format("%.1f %%", 100 * part); }
std::string percent(uint64_t a, uint64_t b) { return b == 0 ? "-" : percent(static_cast<double>(a) / static_cast<double>(b)); }

using Row = std::vector<std::string>;

// The first column to the left, numbers to the right.
std::string table(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows[0].size());
  for (const Row& r : rows) {
    for (size_t i = 0; i < r.size(); ++i) widths[i] = std::max(widths[i], r[i].size());
  }
  std::string text;
  for (const Row& r : rows) {
    for (size_t i = 0; i < r.size(); ++i) {
      const std::string fill(widths[i] - r[i].size(), ' ');
      text += i == 0 ? r[i] + fill : "  " + fill + r[i];
    }
    text += "\n";
  }
  return text;
}

std::string instruction_table(const std::vector<Entry>& entries) {
  std::vector<int> used;
  for (int k = 0; k < kInstructionClasses; ++k) {
    const auto some = [&](const Entry& e) { return e.counters.warp_instructions[k] != 0; };
    if (std::any_of(entries.begin(), entries.end(), some)) used.push_back(k);
  }
  Row head = {"kernel"};
  for (const int k : used) head.push_back(name_of(static_cast<InstructionClass>(k)));
  std::vector<Row> rows = {head};
  for (const Entry& e : entries) {
    Row row = {e.kernel};
    for (const int k : used) row.push_back(scaled(e.counters.warp_instructions[k]));
    rows.push_back(row);
  }
  return table(rows);
}

std::string quoted(const std::string& s) {
  std::string q = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') q += '\\';
    q += c;
  }
  return q + "\"";
}

bool ends_with(const std::string& s, const std::string& end) { return s.size() >= end.size() && s.compare(s.size() - end.size(), end.size(), end) == 0; }

size_t gpu_index() { return static_cast<size_t>(Options::global().gpu); }

}  // namespace

bool lists_launches() { return ends_with(Options::global().count, ".launches.csv"); }

void count_launch(const std::string& kernel, const Counters& launch, double longest) {
  Ledger::global().add(kernel, launch);
  if (lists_launches()) add_launch(kernel, launch, longest);
}

Counters counters_of(const std::string& kernel) { return Ledger::global().of(kernel); }

void reset_counters() {
  Ledger::global().reset();
  forget_launches();
}

std::string text_report() {
  const size_t gpu = gpu_index();
  const std::vector<Entry> entries = Ledger::global().entries(gpu);
  std::vector<Row> rows = {{"kernel", "launches", "warp instr", "idle lanes", "diverging", "flops", "special", "requested", "moved", "least", "moved/least",
                            "load eff", "store eff", "wavefronts", "conflicts", "barriers", "estimate", "limit"}};
  double total = 0;
  for (const Entry& e : entries) {
    const Counters& c = e.counters;
    total += e.seconds[gpu];
    rows.push_back({e.kernel, scaled(c.launches), scaled(c.all_warp_instructions()), percent(c.divergence()), percent(c.divergent_branches, c.branches),
                    scaled(c.flops()), scaled(c.special), scaled(c.load.requested_bytes + c.store.requested_bytes), scaled(c.moved_bytes()),
                    scaled(c.least_bytes()), ratio(c.moved_bytes(), c.least_bytes()), percent(c.load.unique_bytes, 32 * c.load.sectors),
                    percent(c.store.unique_bytes, 32 * c.store.sectors), scaled(c.shared_wavefronts), percent(c.bank_conflicts(), c.shared_wavefronts),
                    scaled(c.barriers), format("%.1f us", 1e6 * e.seconds[gpu]), name_of(e.limit(gpu))});
  }
  return "\nSoftCUDA counters of " + std::to_string(entries.size()) + " kernels, sums over their launches. Bytes are of global memory.\n" +
         table(rows) +
         format("estimate: %.3f ms on %s, computed from the counts and peak rates; a lower bound, not a measurement\n\n", 1e3 * total, gpu_models[gpu].name) +
         "Warp instructions by class\n" + instruction_table(entries);
}

std::string csv_report() {
  const size_t gpu = gpu_index();
  std::string text = "kernel";
  for (const auto& v : Counters().values()) text += "," + v.first;
  text += ",estimated_us,limit,gpu\n";
  for (const Entry& e : Ledger::global().entries(gpu)) {
    text += e.kernel;
    for (const auto& v : e.counters.values()) text += "," + std::to_string(v.second);
    text += format(",%.3f,%s,%s\n", 1e6 * e.seconds[gpu], name_of(e.limit(gpu)), gpu_models[gpu].option);
  }
  return text;
}

std::string json_report() {
  const size_t gpu = gpu_index();
  std::string text = "{\n  \"gpu\": " + quoted(gpu_models[gpu].option) + ",\n  \"kernels\": [";
  const char* comma = "";
  for (const Entry& e : Ledger::global().entries(gpu)) {
    text += std::string(comma) + "\n    {\"kernel\": " + quoted(e.kernel);
    for (const auto& v : e.counters.values()) text += ", " + quoted(v.first) + ": " + std::to_string(v.second);
    text += format(", \"estimated_us\": %.3f, \"limit\": ", 1e6 * e.seconds[gpu]) + quoted(name_of(e.limit(gpu))) + "}";
    comma = ",";
  }
  return text + "\n  ]\n}\n";
}

void report_counters() {
  const std::string to = Ledger::global().begin_report();
  if (to.empty() || to == "stderr") {
    std::fputs(text_report().c_str(), stderr);
    return;
  }
  const std::string text = ends_with(to, ".launches.csv") ? launches_report()
                           : ends_with(to, ".json") ? json_report() : ends_with(to, ".csv") ? csv_report() : text_report();
  std::FILE* const file = std::fopen(to.c_str(), "w");
  const bool written = file && std::fputs(text.c_str(), file) >= 0;
  const bool closed = file && std::fclose(file) == 0;
  if (!written || !closed) throw Failure(kInvalidValue, "the counters cannot be written to " + to);
}

}  // namespace softcuda
