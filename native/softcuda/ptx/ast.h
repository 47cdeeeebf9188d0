#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

// The PTX text as a tree; no meaning is given to instructions here.
namespace softcuda::ptx {

struct Operand {
  enum class Kind {
    Register,  // text
    Integer,   // bits
    Float32,   // bits: an IEEE single in the low half
    Float64,   // bits: an IEEE double
    Symbol,    // text (+ offset): a variable, parameter or label
    Vector,    // items
    Address,   // items[0] is Register, Symbol or Integer; + offset
    Sink       // "_": the result is thrown away
  };
  Kind kind = Kind::Integer;
  std::string text;
  uint64_t bits = 0;
  int64_t offset = 0;
  bool negated = false;  // "!%p"
  bool second = false;   // the part after "|": d|p
  std::vector<Operand> items;
};

struct Instruction {
  std::string opcode;  // whole, with its modifiers: "ld.global.nc.f32"
  std::string guard;   // predicate register or empty
  bool guard_negated = false;
  std::vector<Operand> operands;
  int line = 0;         // of the PTX text
  int source_file = 0;  // from .loc; 0 when unknown
  int source_line = 0;
  int call = -1;  // of Function::calls: inlined there; -1: not inlined
};

struct Variable {
  enum class Space { Global, Const, Shared, Local, Param, Code };
  struct Pointer {
    size_t offset;
    std::string symbol;
    int64_t addend;
  };
  Space space = Space::Global;
  std::string name;
  size_t size = 0, align = 1;
  bool dynamic = false;  // extern .shared x[]; a parameter x[]: as large as the most that any call of the module passes for it
  bool array = false;    // declared with an extent
  bool in_register = false;  // a parameter declared as .reg: name is the register's
  std::vector<unsigned char> init;
  std::vector<Pointer> pointers;  // initialisers that are addresses
  int line = 0;
};

// A call that was inlined: its place, and the call that brought the caller there.
struct Call {
  int file = 0, line = 0, outer = -1;
};

struct Register {
  int bytes = 4;  // 4 or 8 a lane
  bool predicate = false;
};

// What a function takes and gives: of .callprototype, or of the functions that .calltargets lists.
struct Prototype {
  std::vector<Variable> results, params;
  std::vector<std::string> targets;  // .calltargets
  int line = 0;
};

// An entry or a device function. The operands of its calls: the function (a symbol or a register), a vector of results, a vector of
// arguments, and the name of a prototype if there is one.
struct Function {
  std::string name;
  int line = 0;
  bool entry = false;
  std::vector<Variable> results, params;
  std::vector<Variable> arguments;  // .param variables of its call sequences; their names are unique in the function
  std::vector<Variable> variables;  // shared and local
  std::map<std::string, Register> registers;
  std::vector<Instruction> body;
  std::vector<Call> calls;
  std::map<std::string, size_t> labels;                        // to an index of body
  std::map<std::string, std::vector<std::string>> branch_targets;  // .branchtargets tables of brx.idx
  std::map<std::string, Prototype> prototypes;                     // of indirect calls, by label
  int max_threads[3] = {0, 0, 0};
};

struct Text {
  std::vector<Function> entries;
  std::map<std::string, Function> functions;     // with a body
  std::map<std::string, Function> declarations;  // without, here at least: the header alone
  std::map<std::string, std::string> aliases;    // other names of functions
  std::vector<Variable> variables;               // global and constant
  std::vector<Variable> shared;                  // outside of functions
  std::map<int, std::string> files;
};

}  // namespace softcuda::ptx
