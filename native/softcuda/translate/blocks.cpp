#include "blocks.h"

#include <algorithm>

namespace softcuda {

namespace {

bool begins(const std::string& s, const char* prefix) { return s.rfind(prefix, 0) == 0; }

// Handlers that only read and write their operands' lanes and memory, in the default rounding mode: those can be compiled together
// with their neighbours.
constexpr const char* kInline[] = {"Map1<", "Map2<", "Map3<", "Compare<", "Select<", "Logic1<", "Logic2<", "Insert<", "Lop3", "FmaFast<",
                                   "Load<", "Store<", "Together<Shuffle<", "Convert<SharedWindow", "Convert<LocalWindow", "Convert<ParamWindow", "IsIn<"};
// Handlers whose `full` always goes on with the next operation.
constexpr const char* kCall[] = {"Together<", "In<", "Atomic<", "Copy", "Commit", "Wait", "Fence", "Nothing", "ActiveMask", "Clock<"};

// Loads and stores that Load::easy and Store::easy know.
bool may_be_easy(const std::string& key) {
  for (const char* form : {".v1.u32.w", ".v1.s32.w", ".v1.u64.x", ".v1.s64.x", ".v4.u32.w", ".v4.s32.w"}) {
    if (key.find(form) != std::string::npos) return true;
  }
  return false;
}

std::vector<size_t> successors(const Program& p, size_t i) {
  const std::string& key = p.operations[i]->key;
  std::vector<size_t> next;
  if (begins(key, "#bra")) next.push_back(static_cast<size_t>(p.plain[i].imm));
  if (key == "#brx") {
    for (const uint32_t t : static_cast<const BranchTable*>(p.plain[i].extra)->targets) next.push_back(t);
  }
  if (key != "#bra" && key != "#brx" && key != "#exit" && i + 1 < p.plain.size()) next.push_back(i + 1);
  return next;
}

}  // namespace

bool is_guard(const std::string& key) { return key == "#guard.p" || key == "#guard.n"; }
bool is_branch(const std::string& key) { return key == "#bra" || key == "#bra.p" || key == "#bra.n"; }

Treatment treatment(const Program& program, size_t op, const Operations& types) {
  const std::string& key = program.operations[op]->key;
  if (is_guard(key)) {
    const Effect::Kind next = program.effects[op + 1].kind;
    return treatment(program, op + 1, types) == Treatment::Inline && next == Effect::None ? Treatment::Inline : Treatment::End;
  }
  const std::string& type = types.at(key).type;
  const Effect& effect = program.effects[op];
  const bool memory = effect.kind == Effect::Load || effect.kind == Effect::Store;
  for (const char* prefix : kInline) {
    if (!begins(type, prefix)) continue;
    // Compilers may reorder plain accesses, but not around a call.
    return (memory && (effect.order != Effect::Weak || !may_be_easy(key))) || program.plain[op].extra ? Treatment::Call : Treatment::Inline;
  }
  for (const char* prefix : kCall) {
    if (begins(type, prefix)) return Treatment::Call;
  }
  return Treatment::End;
}

std::vector<BasicBlock> find_blocks(const Program& program, const Operations& types, size_t longest) {
  const size_t n = program.plain.size();
  std::vector<char> leader(n + 1, 0);
  leader[0] = 1;
  for (size_t i = 0; i < n; ++i) {
    const auto next = successors(program, i);
    const bool straight = next.size() == 1 && next[0] == i + 1;
    if (!straight) {
      for (const size_t t : next) leader[t] = 1;
      leader[i + 1] = 1;
    } else if (treatment(program, i, types) == Treatment::End) {
      // A guard that ends a block takes its operation along.
      leader[i + 1 + (is_guard(program.operations[i]->key) ? 1 : 0)] = 1;
    }
  }
  std::vector<BasicBlock> blocks;
  std::vector<size_t> block_at(n);
  for (size_t i = 0; i < n; ++i) {
    const bool cut = !blocks.empty() && i - blocks.back().begin >= longest && !is_guard(program.operations[i - 1]->key);
    if (leader[i] || cut) blocks.push_back({i, i, {}});
    block_at[i] = blocks.size() - 1;
    blocks.back().end = i + 1;
  }
  std::set<uint32_t> constants;
  for (const Constant& c : program.constants) constants.insert(c.offset);
  std::vector<std::set<uint32_t>> use(blocks.size()), kill(blocks.size()), in(blocks.size());
  for (size_t b = 0; b < blocks.size(); ++b) {
    for (size_t i = blocks[b].begin; i < blocks[b].end; ++i) {
      // A guarded result keeps the old value in the other lanes.
      const bool guarded = i > 0 && is_guard(program.operations[i - 1]->key);
      each_operand(program, i, [&](uint32_t at, int, bool written) {
        if ((!written || guarded) && !kill[b].count(at) && !constants.count(at)) use[b].insert(at);
      });
      each_operand(program, i, [&](uint32_t at, int, bool written) {
        if (written && !guarded) kill[b].insert(at);
      });
    }
    in[b] = use[b];
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t b = blocks.size(); b-- > 0;) {
      auto& out = blocks[b].live_out;
      for (const size_t t : successors(program, blocks[b].end - 1)) out.insert(in[block_at[t]].begin(), in[block_at[t]].end());
      const size_t before = in[b].size();
      for (const uint32_t at : out) {
        if (!kill[b].count(at)) in[b].insert(at);
      }
      changed |= in[b].size() != before;
    }
  }
  return blocks;
}

bool may_run_some(const Program& program, const BasicBlock& block, const Operations& types) {
  for (size_t i = block.begin; i < block.end; ++i) {
    if (begins(types.at(program.operations[i]->key).type, "Together<")) return false;
  }
  return true;
}

std::vector<std::set<uint32_t>> live_before(const Program& program, const BasicBlock& block) {
  std::vector<std::set<uint32_t>> live(block.end - block.begin);
  std::set<uint32_t> now = block.live_out;
  for (size_t i = block.end; i-- > block.begin;) {
    const bool guarded = i > 0 && is_guard(program.operations[i - 1]->key);
    each_operand(program, i, [&](uint32_t at, int, bool written) {
      if (written && !guarded) now.erase(at);
    });
    each_operand(program, i, [&](uint32_t at, int, bool written) {
      if (!written || guarded) now.insert(at);
    });
    live[i - block.begin] = now;
  }
  return live;
}

}  // namespace softcuda
