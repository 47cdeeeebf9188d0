#pragma once
#include <map>
#include <tuple>

#include "ast.h"
#include "cursor.h"

namespace softcuda::ptx {

// Follows the .loc directives of a function: where the next instructions come from, and through which calls they were inlined.
class Locations {
 public:
  explicit Locations(std::vector<Call>& calls) : calls_(calls) {}
  // .loc file line column[, function_name label, inlined_at file line column]
  void directive(Cursor& cursor);
  void apply(Instruction& in) const;

 private:
  using Place = std::tuple<int, int, int>;  // file, line, column
  static Place place(Cursor& cursor);

  std::vector<Call>& calls_;
  std::map<std::pair<Place, int>, int> known_;  // a call and the one around it, to its index
  std::map<Place, int> inlined_;                // the call that a place was inlined by when it was last named
  int file_ = 0, line_ = 0, call_ = -1;
};

}  // namespace softcuda::ptx
