#include "harness.h"

// Calls that cannot be: refused when the kernel is asked for, or stopped when they happen, naming the function.
using namespace harness;

namespace {

const std::string kSame = ".func (.param .b32 r) same(.param .b32 a) { .reg .b32 %r<2>; ld.param.b32 %r1, [a]; st.param.b32 [r], %r1; ret; }\n";

std::string refusal(const std::string& body, const std::string& declarations = kSame) {
  const auto failure = failure_of([&] { load(entry(body, declarations)); });
  EQUAL(failure.result, 218);
  CONTAINS(failure.what(), "PTX line ");
  return failure.what();
}

softcuda::Failure fault(const std::string& kernel, uint32_t threads, const Parameters& parameters) {
  return failure_of([&] { launch(calls(), kernel, {1, 1, 1}, {threads, 1, 1}, parameters); });
}

}  // namespace

TEST("call error: malformed call sequences") {
  CONTAINS(refusal("call (%r2), same;"), "passes 0 arguments to 'same', which takes 1");
  CONTAINS(refusal("call (%r2), same, (%r1, %r1);"), "passes 2 arguments");
  CONTAINS(refusal("call same, (%r1);"), "takes 0 results from 'same', which gives 1");
  CONTAINS(refusal("{ .param .b64 p; call (%r2), same, (p); }"), "'p' is 8 bytes, the function's parameter 4 bytes");
  CONTAINS(refusal("{ .param .align 4 .b8 p[4]; call (%r2), same, (p); }"), "'p' is 4 bytes (an array), the function's parameter 4 bytes");
  CONTAINS(refusal("{ .param .b64 q; call (q), same, (%r1); }"), "'q' is 8 bytes");
  CONTAINS(refusal("call (%rd3), same, (%r1);"), "wrong width");
  CONTAINS(refusal("call (%r2), other, (%r1);"), "no function 'other' is declared");
  CONTAINS(refusal("call (%r2), k, (%r1);"), "no function 'k' is declared");
  CONTAINS(refusal("call (%r2), %rd3, (%r1);"), "needs the label of a .callprototype");
  CONTAINS(refusal("call (%r2), %rd3, (%r1), nothing;"), "needs the label of a .callprototype");
  CONTAINS(refusal("call (%r2) same, (%r1);"), "expected ','");
  CONTAINS(refusal("call 5;"), "a call needs a function's name or a register");
  CONTAINS(refusal("call.fast (%r2), same, (%r1);"), "'call.fast' is not known");
  CONTAINS(refusal("{ .param .b32 p; st.param.b32 [p+4], %r1; }"), "beyond the parameter's 4");
  CONTAINS(refusal("{ .param .b32 p; .param .b32 p; }"), "defined twice");
  CONTAINS(refusal("st.param.b64 [k_a], %rd1;"), "only the parameters of functions");
  CONTAINS(refusal("", kSame + kSame), "defined twice");
  CONTAINS(refusal("call f;", ".func f(.param .b32 a, .param .b32 a) { ret; }"), "defined twice");
  CONTAINS(refusal("call f;", ".func f { bra NOWHERE; }"), "in function 'f', which kernel 'k' calls, instruction 'bra': unknown label 'NOWHERE'");
  CONTAINS(refusal("call f, (%r1);", ".func f(.reg .b32 a) { call f, (a); }"), "calls itself and has the parameter 'a' in a register");
  const std::string late = entry("call f;") + ".func f { ret; }";
  CONTAINS(failure_of([&] { load(late); }).what(), "'f' is called before it is declared, on line ");
}

TEST("call error: functions without a body are named, with a way out") {
  CONTAINS(refusal("call f;", ".extern .func f;"), "the function 'f' has no body in this module, and there is no linking");
  CONTAINS(refusal("{ .param .b64 p; call (p), __nv_pow, (%rd1, %rd2); }", ".extern .func (.param .b64 r) __nv_pow(.param .b64 a, .param .b64 b);"), "libdevice");
  CONTAINS(refusal("call malloc, (%rd1);", ".extern .func (.param .b64 r) malloc(.param .b64 n);"), "takes 0 results from 'malloc', which gives 1");
}

TEST("call error: arrays without a size anywhere but at the end of a function's parameters") {
  CONTAINS(refusal("", ".func f(.param .align 4 .b8 a[], .param .b32 b) { ret; }"), "the parameter 'a' has no size, and only the last one may have none");
  CONTAINS(refusal("", ".func (.param .align 4 .b8 r[]) f { ret; }"), "array 'r' has no size");
  CONTAINS(refusal("", ".entry e(.param .align 4 .b8 a[]) { ret; }"), "array 'a' has no size");
  CONTAINS(refusal("{ .param .align 4 .b8 a[]; }"), "array 'a' has no size");
  CONTAINS(refusal("p: .callprototype (.param .align 4 .b8 _[]) _;"), "array '_' has no size");
  const std::string any = ".func f(.param .b32 n, .param .align 8 .b8 %VAParam[]) { ret; }";
  CONTAINS(refusal("call f;", any), "passes 0 arguments to 'f', which takes 2");
  CONTAINS(refusal("{ .param .align 8 .b8 a[8]; call f, (%r1, a, a); }", any), "passes 3 arguments to 'f', which takes 2");
  CONTAINS(refusal("call f, (%r1, %r1);", any), "needs a .param variable");
  CONTAINS(refusal("mov.u64 %rd3, printf;", ".extern .func (.param .b32 r) printf(.param .b64 f, .param .align 8 .b8 %VAParam[]);"), "printf");
}

TEST("call error: one kernel that cannot run leaves the others") {
  const auto module = load(".version 9.0\n.target sm_80\n.address_size 64\n.extern .func missing;\n.entry good() { ret; }\n.entry bad() { call missing; }\n.entry worse() { frobnicate; }\n");
  module->require_kernel("good");
  CHECK(module->kernel("bad") == nullptr);
  const auto bad = failure_of([&] { module->require_kernel("bad"); });
  EQUAL(bad.result, 218);
  CONTAINS(bad.what(), "PTX line 6: in kernel 'bad', instruction 'call': the function 'missing'");
  CONTAINS(failure_of([&] { module->require_kernel("worse"); }).what(), "'frobnicate'");
  const auto none = failure_of([&] { module->require_kernel("none"); });
  EQUAL(none.result, 500);
  CONTAINS(none.what(), "it has: good");
}

TEST("call error: recursion that does not end") {
  Array<int> y(32);
  const auto f = fault("recurse_endlessly", 32, Parameters().add(y));
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "stack overflow in function '_Z7endlessi'");
  CONTAINS(f.what(), "CU_LIMIT_STACK_SIZE");
  CONTAINS(f.what(), "called from within itself");
}

TEST("call error: arrays on the stack that do not fit") {
  Array<int> y(32);
  const auto f = fault("stack_array", 1, Parameters().add(y).add(1 << 20));
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "stack overflow in function 'stack_array'");
}

TEST("call error: pointers that are no function") {
  Array<int> y(32);
  for (const uint64_t pointer : {uint64_t{0}, uint64_t{7}, y.address(), ~uint64_t{0}}) {
    const auto f = fault("call_given", 32, Parameters().add(y).add(pointer));
    EQUAL(f.result, 718);
    CONTAINS(f.what(), "a call through the pointer 0x");
    CONTAINS(f.what(), "kernel call_given");
    if (pointer == 0) CONTAINS(f.what(), "which is null");
  }
}

TEST("call error: assertions say what, where and who") {
  Array<int> y(32);
  const auto f = fault("check_that", 8, Parameters().add(y).add(5));
  EQUAL(f.result, 710);
  const std::string text = f.what();
  CONTAINS(text, "too many threads");
  CONTAINS(text, "` failed at ");
  CONTAINS(text, "calls.cu:");
  CONTAINS(text, "in void check_that(int *, int)");
  CONTAINS(text, "thread (5,0,0)");
  CONTAINS(text, "2 more lanes");
}

TEST("call error: heap memory that was freed, or twice, or is none of the heap's") {
  Array<int> y(32);
  {
    const Settings settings("memory");
    const auto after = fault("heap_after_free", 1, Parameters().add(y));
    EQUAL(after.result, 700);
    CONTAINS(after.what(), "allocation 'malloc in kernel heap_after_free' (64 bytes");
    CONTAINS(after.what(), "which was freed");
  }
  const auto twice = fault("heap_twice", 1, Parameters().add(y));
  EQUAL(twice.result, 719);
  CONTAINS(twice.what(), "which was freed");
  const std::string release = ".extern .func free(.param .b64 a);\n";
  const auto foreign = failure_of([&] { run("call free, (%rd2);", 0, y.address(), 1, release); });
  EQUAL(foreign.result, 719);
  CONTAINS(foreign.what(), "which malloc in a kernel did not give");
}

TEST("call error: a fault in a function names it and who called it") {
  const Settings settings("memory");
  const std::string function = ".func inner(.param .b64 p) { .reg .b64 %rd<2>; ld.param.b64 %rd1, [p]; st.global.u32 [%rd1], 1; ret; }\n"
                               ".func outer(.param .b64 p) { .reg .b64 %rd<2>; ld.param.b64 %rd1, [p]; call inner, (%rd1); ret; }\n";
  const auto f = failure_of([&] { run("call outer, (%rd1);", 0, 0, 1, function); });
  EQUAL(f.result, 700);
  CONTAINS(f.what(), "a null pointer");
  CONTAINS(f.what(), "in function inner, called on PTX line 5");
  CONTAINS(f.what(), "in function outer, called on PTX line ");
}
