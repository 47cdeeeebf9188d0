#include "lanes.h"

namespace softcuda {
namespace SOFTCUDA_ISA {

void add_all(const Registrar& g) {
  add_integer(g);
  add_bits(g);
  add_fields(g);
  add_real(g);
  add_rounded(g);
  add_approximate(g);
  add_compare(g);
  add_convert(g);
  add_convert_real(g);
  add_convert_half(g);
  add_half(g);
  add_matrix(g);
  add_load(g);
  add_store(g);
  add_atomic(g);
  add_control(g);
  add_sync(g);
  add_async(g);
  add_call(g);
  add_mbarrier(g);
  add_integer_matrix(g);
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
