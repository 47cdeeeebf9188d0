#include <algorithm>
#include <functional>
#include <queue>
#include <string>

#include "decode.h"

// Liveness and a linear scan over it. Kernels have hundreds to thousands of registers of 128 or 256 bytes; a hundred live
// ones stay in the first-level cache. Liveness is a property of each thread's own path, so sharing a slot is safe while
// lanes are on different paths too: an operation only writes the lanes that run it.
namespace softcuda {

namespace {

using Bits = std::vector<uint64_t>;

struct BlockInfo {
  size_t begin, end;  // steps
  std::vector<size_t> next;
  Bits in, out, use, kill;
};

bool test(const Bits& b, size_t i) { return b[i / 64] >> (i % 64) & 1; }
void set(Bits& b, size_t i) { b[i / 64] |= uint64_t{1} << (i % 64); }
template <class F>
void each(const Bits& b, F f) {
  for (size_t w = 0; w < b.size(); ++w) {
    for (uint64_t rest = b[w]; rest != 0; rest &= rest - 1) f(64 * w + static_cast<size_t>(__builtin_ctzll(rest)));
  }
}

// Far beyond what nvcc writes for one kernel: it takes seconds and some hundred MB.
constexpr size_t kMostWords = size_t{1} << 23;  // blocks x words of a set of registers
constexpr size_t kMostWork = size_t{1} << 30;   // words looked at until the sets no longer change
constexpr size_t kLargestFile = size_t{1} << 24;  // bytes of a warp's registers

class Scan {
 public:
  Scan(const Draft& draft, Program& program) : draft_(draft), program_(program), words_((draft.registers.size() + 63) / 64) {}

  void run(std::vector<uint32_t>& offsets) {
    find_blocks();
    if (blocks_.size() * words_ > kMostWords) too_large();
    for (auto& b : blocks_) b.in = b.out = b.use = b.kill = Bits(words_);
    solve();
    intervals();
    place(offsets);
  }

 private:
  struct Interval {
    size_t begin = SIZE_MAX, end = 0;
  };

  [[noreturn]] void too_large() const {
    throw Failure(kInvalidPtx, "kernel '" + program_.name + "' is too large: " + std::to_string(draft_.registers.size()) + " registers and constants, " +
                                   std::to_string(draft_.steps.size()) + " operations in " + std::to_string(blocks_.size()) + " blocks");
  }

  bool colored(int r) const {
    const auto& reg = draft_.registers[static_cast<size_t>(r)];
    return reg.bytes != 0 && reg.constant < 0;
  }

  template <class F>
  void operands(const Draft::Step& s, F f) const {
    const std::string& letters = s.operation->signature;
    for (size_t k = 0; k < s.registers.size(); ++k) {
      if (colored(s.registers[k])) f(static_cast<size_t>(s.registers[k]), letters[k] >= 'A' && letters[k] <= 'Z');
    }
  }

  static bool ends_block(const std::string& key) { return key.compare(0, 4, "#bra") == 0 || key == "#brx" || key == "#exit"; }

  void find_blocks() {
    const size_t n = draft_.steps.size();
    std::vector<char> leader(n + 1, 0);
    leader[0] = 1;
    for (size_t i = 0; i < n; ++i) {
      if (ends_block(draft_.steps[i].operation->key)) leader[i + 1] = 1;
      for (const size_t t : jumps(i)) leader[t] = 1;
    }
    std::vector<size_t> block_at(n + 1, 0);
    for (size_t i = 0; i < n; ++i) {
      if (leader[i]) {
        blocks_.push_back({i, i, {}, {}, {}, {}, {}});
      }
      block_at[i] = blocks_.size() - 1;
      blocks_.back().end = i + 1;
    }
    for (auto& b : blocks_) {
      const auto& last = draft_.steps[b.end - 1];
      const std::string& key = last.operation->key;
      for (const size_t t : jumps(b.end - 1)) b.next.push_back(block_at[t]);
      std::sort(b.next.begin(), b.next.end());
      b.next.erase(std::unique(b.next.begin(), b.next.end()), b.next.end());
      if (key != "#bra" && key != "#brx" && key != "#exit" && b.end < n) b.next.push_back(block_at[b.end]);
    }
  }

  std::vector<size_t> jumps(size_t i) const {
    const auto& s = draft_.steps[i];
    std::vector<size_t> to;
    if (!s.target.empty()) to.push_back(draft_.first_step[draft_.labels.at(s.target)]);
    if (s.skip_to >= 0) to.push_back(draft_.first_step[static_cast<size_t>(s.skip_to)]);
    if (s.operation->key == "#brx") {
      for (const uint32_t t : static_cast<const BranchTable*>(s.extra)->targets) to.push_back(draft_.first_step[t]);
    }
    return to;
  }

  void solve() {
    for (auto& b : blocks_) {
      for (size_t i = b.begin; i < b.end; ++i) {
        const auto& s = draft_.steps[i];
        if (s.removed) continue;
        operands(s, [&](size_t r, bool written) {
          // A guarded result keeps the old value in the other lanes.
          if ((!written || s.guarded) && !test(b.kill, r)) set(b.use, r);
        });
        operands(s, [&](size_t r, bool written) {
          if (written && !s.guarded) set(b.kill, r);
        });
      }
    }
    size_t work = 0;
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t k = blocks_.size(); k-- > 0;) {
        auto& b = blocks_[k];
        if ((work += (b.next.size() + 1) * words_) > kMostWork) too_large();
        for (const size_t n : b.next) {
          for (size_t w = 0; w < words_; ++w) b.out[w] |= blocks_[n].in[w];
        }
        for (size_t w = 0; w < words_; ++w) {
          const uint64_t v = b.use[w] | (b.out[w] & ~b.kill[w]);
          if (v != b.in[w]) {
            b.in[w] = v;
            changed = true;
          }
        }
      }
    }
  }

  // Positions: a step reads at 2 * step and writes at 2 * step + 1.
  void intervals() {
    intervals_.resize(draft_.registers.size());
    const auto extend = [&](size_t r, size_t at) {
      intervals_[r].begin = std::min(intervals_[r].begin, at);
      intervals_[r].end = std::max(intervals_[r].end, at);
    };
    for (const auto& b : blocks_) {
      each(b.in, [&](size_t r) { extend(r, 2 * b.begin); });
      each(b.out, [&](size_t r) { extend(r, 2 * b.end - 1); });
      for (size_t i = b.begin; i < b.end; ++i) {
        const auto& s = draft_.steps[i];
        if (s.removed) continue;
        const std::string& letters = s.operation->signature;
        const bool apart = !letters.empty() && letters.back() == '!';
        operands(s, [&](size_t r, bool written) { extend(r, written || apart ? 2 * i + 1 : 2 * i); });
      }
    }
  }

  void place(std::vector<uint32_t>& offsets) {
    uint32_t at = 0;
    const auto take = [&](uint32_t bytes) {
      const uint32_t here = at;
      at += bytes;
      if (at > kLargestFile) too_large();
      return here;
    };
    offsets.assign(draft_.registers.size(), 0);
    for (size_t r = 0; r < draft_.registers.size(); ++r) {
      const int c = draft_.registers[r].constant;
      if (c < 0) continue;
      const int bytes = draft_.registers[r].bytes;
      offsets[r] = take(bytes == 0 ? 64 : static_cast<uint32_t>(bytes) * 32);
      program_.constants[static_cast<size_t>(c)].offset = offsets[r];
    }
    std::vector<size_t> order;
    for (size_t r = 0; r < draft_.registers.size(); ++r) {
      if (colored(static_cast<int>(r)) && intervals_[r].begin != SIZE_MAX) order.push_back(r);
    }
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return intervals_[a].begin != intervals_[b].begin ? intervals_[a].begin < intervals_[b].begin : a < b;
    });
    using Active = std::pair<size_t, size_t>;  // end, register
    std::priority_queue<Active, std::vector<Active>, std::greater<Active>> active;
    std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<uint32_t>> free[2];
    int live = 0, most = 0;
    for (const size_t r : order) {
      while (!active.empty() && active.top().first < intervals_[r].begin) {
        const size_t gone = active.top().second;
        active.pop();
        const int bytes = draft_.registers[gone].bytes;
        free[bytes == 8].push(offsets[gone]);
        live -= bytes / 4;
      }
      const int bytes = draft_.registers[r].bytes;
      auto& pool = free[bytes == 8];
      if (pool.empty()) {
        offsets[r] = take(static_cast<uint32_t>(bytes) * 32);
      } else {
        offsets[r] = pool.top();
        pool.pop();
      }
      active.push({intervals_[r].end, r});
      live += bytes / 4;
      most = std::max(most, live);
    }
    for (size_t r = 0; r < draft_.registers.size(); ++r) {
      const auto& reg = draft_.registers[r];
      if (reg.bytes == 0 && reg.constant < 0) offsets[r] = take(4);
    }
    program_.register_file_bytes = (at + 63) / 64 * 64;
    program_.registers = std::min(255, std::max(16, most + 8));
  }

  const Draft& draft_;
  Program& program_;
  size_t words_;
  std::vector<BlockInfo> blocks_;
  std::vector<Interval> intervals_;
};

}  // namespace

void assign_slots(const Draft& draft, Program& program, std::vector<uint32_t>& offsets) { Scan(draft, program).run(offsets); }

}  // namespace softcuda
