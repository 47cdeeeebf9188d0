#pragma once
#include <cstdint>

namespace softcuda {

// What an operation does beyond the registers of its own lanes: all that checks and counters need to know about it. The decoder
// gives one to every operation.
struct Effect {
  enum Kind : uint8_t {
    None,
    Load,       // address in o[0], displacement imm
    Store,      // likewise
    Atomic,     // likewise; reads and writes
    AsyncCopy,  // cp.async: shared o[0] + low half of imm, global o[1] + high half, bytes to read in o[2]
    AsyncWait,  // imm: groups that may stay under way, -1: none
    WarpSync,   // bar.warp.sync: members in o[members]
    Vote,       // vote, match, redux: likewise; orders nothing in memory
    Shuffle,    // likewise; reads registers of other lanes: amounts in o[3], clamps in o[4]
    Barrier,    // bar.sync, bar.red: number in o[0], threads in o[1]
    Arrive,     // bar.arrive: likewise
    Fence,
    WholeWarp,  // mma, ldmatrix: every lane must be here
  };
  enum Space : uint8_t { Flat, Shared, Local, Parameter };
  enum Order : uint8_t { Weak, Relaxed, Acquire, Release, AcquireRelease };
  enum Scope : uint8_t { Block, Device };
  enum ShuffleMode : uint8_t { Up, Down, Butterfly, Index };

  Kind kind = None;
  Space space = Flat;
  Order order = Weak;
  Scope scope = Device;
  uint8_t bytes = 0;     // of one lane's access
  uint8_t elements = 1;  // registers of one lane's load or store
  bool wide = false;     // which are 64 bits each
  uint8_t members = 0;   // which operand holds the member mask
  ShuffleMode shuffle = Up;
  uint32_t lanes = ~0u;  // that take part in the access: ldmatrix reads rows for some lanes only
};

}  // namespace softcuda
