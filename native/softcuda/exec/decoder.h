#pragma once
#include "decode.h"

namespace softcuda {

// What the decoders of a kernel's parts share.
struct Decoding {
  const Linked& linked;
  const Symbols& symbols;  // of the module
  const Symbols& shared;   // its shared variables
  Program& program;
  Draft draft;
  std::map<std::string, int> constants;
  size_t targets = 0;  // in the tables of all brx.idx so far
};

// The state of decode() for one part of a kernel, shared by decode*.cpp.
class Decoder {
 public:
  Decoder(Decoding& all, size_t part)
      : all_(all), part_number_(part), part_(all.linked.parts[part]), function_(*part_.function), program_(all.program), draft_(all.draft), constants_(all.constants) {}
  void run();

 private:
  using Operand = ptx::Operand;
  using Instruction = ptx::Instruction;

  std::string place_name() const;
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void unknown() const;
  void need(size_t least, size_t most) const;

  // registers and constants (decode.cpp)
  int new_register(int bytes);
  int named(const std::string& name);
  int constant(const Constant& c);
  int bits(int bytes, uint64_t value);
  int place(int bytes, const Symbol& symbol, int64_t offset);
  int special(const std::string& name);
  int source(const Operand& o, char letter);
  int destination(const Operand& o, char letter);
  const Symbol* symbol(const std::string& name) const;

  // steps (decode.cpp)
  Draft::Step& emit(const std::string& key, std::vector<int> registers, bool guarded = true);
  int temporary(const std::string& key, int bytes, std::vector<int> sources);
  void by_table(const Operation& operation);
  void by_name();
  void instruction(const Instruction& in);

  // moves, comparisons, conversions (decode_values.cpp)
  void move();
  void set_predicate();
  void set_value();
  void test();
  void logic_with_predicate();
  void set_two_predicates(const std::string& logic, const std::string& type);
  std::string logic(size_t& part) const;
  void convert_address();
  void is_space();
  void carry();
  int comparison(size_t first_operand, const std::string& comparison, const std::string& type);

  // memory (decode_memory.cpp)
  struct Address {
    int reg = -1;
    int64_t displacement = 0;
  };
  // Where an argument or a parameter is.
  struct Place {
    int reg = -1;    // a register, or:
    Address memory;  // in local memory; no register: at a fixed place
    size_t size = 0, align = 1;
    bool array = false;
    int above = -1;  // Step::above
  };
  Address address(const Operand& o, const std::string& space);
  void load_store(bool load);
  void load_parameter(const std::vector<Operand>& to, const Operand& from, const std::string& type);
  void access(bool load, const std::string& space, const std::vector<Operand>& items, const Address& a, const std::string& type);
  void access_argument(bool load, const Place& place, const std::vector<Operand>& items, const Operand& where, const std::string& type);
  void atomic(bool result);
  void async_copy();
  void wait_for_copies(int64_t groups_under_way);
  Address shared_address(const Operand& o, bool shared);
  bool takes_hint() const;
  void check_hint();

  // what caches are told, and barriers in memory (decode_barrier.cpp)
  void create_policy();
  void advise_cache();
  void memory_barrier();
  void memory_barrier_step(const std::string& key, const Address& a, std::vector<int> others, const Effect& effect);

  // tensor cores (decode_matrix.cpp)
  std::vector<Operand> items(const Operand& o, size_t n) const;
  void multiply_matrices();
  void multiply_integers();
  void load_matrices();
  void move_matrix();

  // calls (decode_call.cpp)
  Address in_frame(size_t part, uint64_t offset, int pointer) const;
  Place own(int argument) const;
  Place of(size_t part, size_t argument) const;
  Place actual(const Operand& o, const ptx::Variable& formal, bool result);
  void actuals(const ptx::Function& callee, size_t skipped, std::vector<Place>& results, std::vector<Place>& arguments);
  int value(const Place& place);
  void pass(const Place& from, const Place& to);
  void access_local(bool load, int reg, const Place& place, size_t at, size_t bytes);
  void call();
  void call_part(size_t callee, const std::vector<Place>& results, const std::vector<Place>& arguments);
  void dispatch();
  bool has_prologue() const;
  void prologue();
  void leave();
  void allocate_stack();
  void restore_stack();
  const StackUse* stack_use();
  // builtin functions (decode_builtin.cpp)
  void call_builtin(const std::string& name);

  // control (decode_control.cpp)
  void branch();
  void branch_indexed();
  void count_targets(size_t n);
  void barrier();
  void shuffle();
  void vote();
  void match();
  void redux();
  template <class Body>
  void around(Body body);  // a guard of an operation that changes the flow becomes a branch
  void flow(const std::string& key, std::vector<int> registers, int64_t imm = 0, const Effect& effect = {});
  // What the opcode says of order and scope: ".acquire.gpu".
  Effect ordered(Effect::Kind kind) const;

  Decoding& all_;
  const size_t part_number_;
  const Linked::Part& part_;
  const ptx::Function& function_;
  Program& program_;
  Draft& draft_;
  std::map<std::string, int> names_;
  std::map<std::string, int>& constants_;
  const Instruction* in_ = nullptr;
  size_t base_ = 0, index_ = 0;  // of the part's first PTX instruction, and of the present one
  std::vector<std::string> parts_;  // of the opcode
  int guard_ = -1;
  int carry_ = -1;  // the condition-code register's carry bit, once there is one
  int frame_ = -1;  // the register with the frame's place in local memory, in parts that have one
};

template <class Body>
void Decoder::around(Body body) {
  const int guard = guard_;
  guard_ = -1;
  if (guard >= 0) {
    auto& skip = emit(in_->guard_negated ? "#bra.p" : "#bra.n", {guard});
    skip.skip_to = static_cast<int>(index_) + 1;
  }
  body();
  guard_ = guard;
}

}  // namespace softcuda
