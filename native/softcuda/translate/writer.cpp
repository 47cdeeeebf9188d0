#include "writer.h"

#include <dirent.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "../exec/translation.h"

namespace softcuda {

namespace {

constexpr size_t kLongest = 400;  // operations of a block: compilers give up on longer ones
constexpr size_t kLeast = 3;      // fewer are not worth a function of their own
constexpr size_t kLargestSome = 120;  // longer ones are rarely run by some lanes, and take half of the compiler's time

std::string literal(uint64_t v) { return hex(v) + "u"; }

// A namespace for the handlers of one file of ops/: "real.cpp" gives "in_real".
std::string scope(const std::string& file) {
  std::string s = "in_" + file.substr(0, file.rfind('.'));
  std::replace(s.begin(), s.end(), '-', '_');
  return s;
}

}  // namespace

// Where the registers are while a block runs: `f` is the block's own file, `r` the warp's.
//
// Two forms of a block are written: for a whole warp, and for some lanes (those of `m`). The second computes all lanes too, what is
// in the others of f does not matter; only memory is accessed, and r written, for the lanes of m.
struct Writer::Frame {
  struct Slot {
    uint32_t at;        // in f
    int bytes;          // a lane; 0: predicate
    bool here = false;  // f has the value
    bool newer = false; // and r has not
  };
  std::map<uint32_t, Slot> slots;  // by offset in r
  uint32_t size = 0;
  size_t begin = 0;
  bool some = false;
  bool writes_memory = false;
  std::vector<std::set<uint32_t>> live;  // before each operation of the block
  std::ostringstream code;

  // A call of the interpreter's handler of the block's operation k.
  std::string handler(size_t k) const {
    const std::string number = std::to_string(k);
    return "interpreted(op, w)[" + number + (some ? "].masked(op + " + number + ", r, w, m)" : "].full(op + " + number + ", r, w)");
  }

  Slot& slot(uint32_t offset, int bytes) {
    const auto known = slots.find(offset);
    if (known != slots.end()) return known->second;
    const Slot s{size, bytes};
    size += bytes == 0 ? 64 : 32 * static_cast<uint32_t>(bytes);
    return slots[offset] = s;
  }

  void store(uint32_t offset, Slot& s) {
    if (!s.newer) return;
    s.newer = false;
    code << "  copy";
    if (s.bytes == 0) code << "_predicate";
    if (some) code << "_some";
    if (s.bytes != 0) code << "<uint" << 8 * s.bytes << "_t>";
    code << "(r + " << offset << ", f + " << s.at << (some ? ", m);\n" : ");\n");
  }
};

Writer::Writer(std::string isa, std::string operations_folder)
    : isa_(std::move(isa)), folder_(std::move(operations_folder)), types_(narrow_operations()) {}

std::string Writer::alias(const Operation& operation) {
  const Operation& o = types_.at(operation.key);
  auto& a = aliases_[o.file + ":" + o.type];
  if (a.name.empty()) a = {"o" + std::to_string(aliases_.size()), o.file};
  return "::" + scope(a.file) + "::softcuda::" + isa_ + "::" + a.name;
}

size_t Writer::kernel(const Program& program) {
  constants_.clear();
  for (const Constant& c : program.constants) constants_[c.offset] = &c;
  size_t translated = 0;
  std::ostringstream table;
  const std::string prefix = "k" + std::to_string(count_++);
  body_ += "\n// " + program.name + "\n";
  for (const BasicBlock& b : find_blocks(program, types_, kLongest)) {
    size_t inlined = 0;
    for (size_t i = b.begin; i < b.end; ++i) inlined += treatment(program, i, types_) == Treatment::Inline;
    if (inlined < kLeast) continue;
    const std::string name = prefix + "_" + std::to_string(b.begin);
    block(program, b, name, false);
    const bool some = inlined <= kLargestSome && may_run_some(program, b, types_);
    if (some) block(program, b, name + "_some", true);
    table << "    {" << b.begin << ", " << name << ", " << (some ? name + "_some" : "nullptr") << "},\n";
    ++translated;
  }
  if (translated == 0) return 0;
  tables_ += "const TranslatedBlock " + prefix + "[] = {\n" + table.str() + "};\n";
  kernels_ += "    {\"" + program.name + "\", " + literal(fingerprint(program)) + ", " + prefix + ", " + std::to_string(translated) + "},\n";
  return translated;
}

void Writer::block(const Program& program, const BasicBlock& block, const std::string& name, bool some) {
  Frame frame;
  frame.some = some;
  frame.begin = block.begin;
  frame.live = live_before(program, block);
  size_t end = block.end;
  const std::string& last = program.operations[end - 1]->key;
  const bool loops = !some && is_branch(last) && static_cast<size_t>(program.plain[end - 1].imm) == block.begin;
  for (size_t i = block.begin; i < end; ++i) {
    const Treatment t = treatment(program, i, types_);
    if (t == Treatment::End) break;
    if (is_guard(program.operations[i]->key)) continue;
    if (t == Treatment::Inline) operation(program, i, frame);
    else call(program, i, frame);
  }
  finish(program, block, loops, frame);
  std::ostringstream out;
  out << "const Op* " << name << "(const Op* op, char* r, Warp* w" << (some ? ", uint32_t m) {\n" : ") {\n  if (w->active != ~0u) return leave(op, w);\n");
  if (frame.writes_memory) out << "  w->wrote = true;\n";
  if (loops) out << "again:\n";
  out << "  alignas(64) char f[" << std::max<uint32_t>(frame.size, 64) << "];\n  Warp v;\n  whole_warp(v, w);\n" << frame.code.str() << "}\n";
  body_ += out.str();
}

void Writer::operation(const Program& program, size_t index, Frame& frame) {
  const Op& op = program.plain[index];
  const Operation& operation = *program.operations[index];
  const bool guarded = index > frame.begin && is_guard(program.operations[index - 1]->key);
  const auto bring = [&](uint32_t offset, int bytes) {
    auto& s = frame.slot(offset, bytes);
    if (s.here) return;
    s.here = true;
    const auto known = constants_.find(offset);
    const Constant* c = known == constants_.end() ? nullptr : known->second;
    const std::string to = "f + " + std::to_string(s.at), from = "r + " + std::to_string(offset);
    if (bytes == 0) frame.code << "  copy_predicate(" << to << ", " << from << ");\n";
    else if (c && c->kind == Constant::Bits && !c->address) frame.code << "  fill<uint" << 8 * bytes << "_t>(" << to << ", " << literal(c->bits) << ");\n";
    else frame.code << "  copy<uint" << 8 * bytes << "_t>(" << to << ", " << from << ");\n";
  };
  if (guarded) bring(program.plain[index - 1].o[0], 0);
  each_operand(program, index, [&](uint32_t offset, int bytes, bool written) {
    // Some handlers keep bits of the old result that the mask says are not theirs.
    if (!written || guarded || bytes == 0) bring(offset, bytes);
  });
  const Effect::Kind kind = program.effects[index].kind;
  const bool memory = kind == Effect::Load || kind == Effect::Store;
  frame.code << "  {\n    static constexpr Op o{nullptr, nullptr, {";
  size_t k = 0;
  each_operand(program, index, [&](uint32_t offset, int bytes, bool) { frame.code << (k++ ? ", " : "") << frame.slot(offset, bytes).at; });
  frame.code << "}, " << op.imm << ", nullptr};\n    ";
  if (memory) {
    leave_unless(index, alias(operation) + (frame.some ? "::easy_some(&o, f, static_cast<const Warp*>(&v), m)" : "::easy(&o, f, static_cast<const Warp*>(&v))"), frame);
  } else if (guarded) {
    const Op& guard = program.plain[index - 1];
    const bool negated = program.operations[index - 1]->key == "#guard.n";
    frame.code << "const uint32_t guarded = " << (negated ? "~" : "") << "predicate(f, " << frame.slot(guard.o[0], 0).at << ");\n    "
               << alias(operation) << "::masked(&o, f, &v, guarded);";
  } else {
    frame.code << alias(operation) << "::full(&o, f, &v);";
  }
  frame.code << "  // " << operation.key << "\n  }\n";
  each_operand(program, index, [&](uint32_t offset, int bytes, bool written) {
    if (!written) return;
    auto& s = frame.slot(offset, bytes);
    s.here = s.newer = true;
  });
  frame.writes_memory |= program.effects[index].kind == Effect::Store;
}

// A memory access that is not easy: the interpreter goes on with it, in the middle of the block.
void Writer::leave_unless(size_t index, const std::string& condition, Frame& frame) {
  frame.code << "if (!" << condition << ") {\n";
  std::set<uint32_t> needed = frame.live[index - frame.begin];
  for (auto& s : frame.slots) {
    if (!needed.count(s.first)) continue;
    Frame::Slot copy = s.second;  // on the other path they stay where they are
    frame.store(s.first, copy);
  }
  const size_t k = index - frame.begin;
  frame.code << "    return " << frame.handler(k) << ";\n    }";
}

void Writer::call(const Program& program, size_t index, Frame& frame) {
  const Operation& operation = *program.operations[index];
  each_operand(program, index, [&](uint32_t offset, int bytes, bool) { frame.store(offset, frame.slot(offset, bytes)); });
  const size_t k = index - frame.begin;
  frame.code << "  " << frame.handler(k) << ";  // " << operation.key << "\n";
  each_operand(program, index, [&](uint32_t offset, int bytes, bool written) {
    auto& s = frame.slot(offset, bytes);
    if (written) s.here = s.newer = false;
  });
}

void Writer::finish(const Program& program, const BasicBlock& block, bool loops, Frame& frame) {
  size_t end = block.end - 1;
  std::set<uint32_t> needed = block.live_out;
  const bool ends = treatment(program, end, types_) == Treatment::End || (end > block.begin && is_guard(program.operations[end - 1]->key) &&
                                                                           treatment(program, end - 1, types_) == Treatment::End);
  if (ends) {
    if (end > block.begin && is_guard(program.operations[end - 1]->key)) {
      --end;
      // The interpreter runs guard and operation: its result keeps old values.
      each_operand(program, end + 1, [&](uint32_t offset, int, bool) { needed.insert(offset); });
    }
    each_operand(program, end, [&](uint32_t offset, int, bool written) {
      if (!written) needed.insert(offset);
    });
  }
  for (auto& s : frame.slots) {
    if (needed.count(s.first)) frame.store(s.first, s.second);
  }
  const std::string& key = program.operations[end]->key;
  const size_t k = end - block.begin;
  auto& code = frame.code;
  const std::string hand_over = frame.handler(k);
  if (!ends) {
    code << "  return op + " << block.end - block.begin << ";\n";
    return;
  }
  if (frame.some || !is_branch(key)) {
    code << "  return " << hand_over << ";\n";
    return;
  }
  const auto target = static_cast<int64_t>(program.plain[end].imm) - static_cast<int64_t>(block.begin);
  const bool backward = target <= static_cast<int64_t>(k);
  if (key != "#bra") {
    const uint32_t offset = program.plain[end].o[0];
    const auto known = frame.slots.find(offset);
    const bool here = known != frame.slots.end() && known->second.here;
    code << "  const uint32_t taken = " << (key == "#bra.n" ? "~" : "")
         << (here ? "predicate(f, " + std::to_string(known->second.at) + ")" : "predicate(r, " + std::to_string(offset) + ")") << ";\n"
         << "  if (taken == 0) return op + " << k + 1 << ";\n";
  } else {
    code << "  const uint32_t taken = ~0u;\n";
  }
  if (!backward) {
    code << "  if (taken == ~0u) return op + " << target << ";\n";
  } else {
    // Jumps back are counted as the interpreter does; the last of a turn is left to it. What other threads write must be seen.
    code << "  if (taken == ~0u && w->budget > 1) {\n    --w->budget;\n";
    if (loops) code << "    asm volatile(\"\" ::: \"memory\");\n    goto again;\n  }\n";
    else code << "    return op + (" << target << ");\n  }\n";
  }
  code << "  return " << hand_over << ";\n";
}

void Writer::include_handlers(std::ostream& out) const {
  DIR* const folder = opendir(folder_.c_str());
  if (!folder) throw std::runtime_error("cannot read the folder " + folder_);
  std::vector<std::string> headers;
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name.size() > 2 && name.compare(name.size() - 2, 2, ".h") == 0) headers.push_back(name);
  }
  closedir(folder);
  std::sort(headers.begin(), headers.end());
  for (const auto& h : headers) out << "#include \"exec/ops/" << h << "\"\n";
  out << "#include \"translate/frame.h\"\n";
  std::set<std::string> files;
  for (const auto& a : aliases_) files.insert(a.second.file);
  // Names repeat from file to file: each gets a namespace, in which it finds what the headers have declared.
  for (const auto& file : files) {
    out << "\nnamespace " << scope(file) << " {\nnamespace softcuda {\nusing namespace ::softcuda;\nnamespace " << isa_ << " {\nusing namespace ::softcuda::"
        << isa_ << ";\n}\n}\n#include \"exec/ops/" << file << "\"\nnamespace softcuda {\nnamespace " << isa_ << " {\n";
    for (const auto& a : aliases_) {
      if (a.second.file == file) out << "using " << a.second.name << " = " << a.first.substr(a.first.find(':') + 1) << ";\n";
    }
    out << "}\n}\n}\n";
  }
}

std::string Writer::text(const std::string& file) const {
  std::ostringstream out;
  out << "// Made by softcuda_translate from " << file << ".ptx.\n#define SOFTCUDA_TRANSLATED\n#define SOFTCUDA_ISA " << isa_ << "\n";
  include_handlers(out);
  out << "\nnamespace softcuda {\nnamespace " << isa_ << " {\nnamespace {\n" << body_ << "\n" << tables_;
  if (kernels_.empty()) out << "constexpr const TranslatedKernel* kernels = nullptr;\nconstexpr uint32_t count = 0;\n";
  else out << "const TranslatedKernel kernels[] = {\n" << kernels_ << "};\nconstexpr uint32_t count = sizeof kernels / sizeof *kernels;\n";
  out << "}\nextern const TranslatedFile translated_" << file << ";\nconst TranslatedFile translated_" << file << " = {\"" << isa_
      << "\", kernels, count};\n}\n}\n";
  return out.str();
}

}  // namespace softcuda
