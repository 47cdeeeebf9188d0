# Kernels as C++ in a library that the engine opens when it runs without checks. See README.md beside this file.
add_executable(softcuda_translate ${CMAKE_CURRENT_LIST_DIR}/blocks.cpp ${CMAKE_CURRENT_LIST_DIR}/translate.cpp ${CMAKE_CURRENT_LIST_DIR}/writer.cpp)
target_compile_features(softcuda_translate PRIVATE cxx_std_17)
target_compile_options(softcuda_translate PRIVATE ${softcuda_warnings})
target_link_libraries(softcuda_translate PRIVATE softcuda_engine)

set(softcuda_folder ${CMAKE_CURRENT_LIST_DIR}/..)
file(GLOB softcuda_handlers CONFIGURE_DEPENDS ${softcuda_folder}/exec/ops/*)
set(softcuda_translated_flags ${softcuda_flags} -Wno-all -Wno-extra)

# Every machine that SoftCUDA runs on has v3. v4 takes as long again, so only a machine that can run it builds it, or one that builds for
# others: native/build --portable.
option(KRONGAUSS_PORTABLE "translate kernels for AVX-512 too, whatever this machine has" OFF)
set(softcuda_translated_isas v3)
if(EXISTS /proc/cpuinfo)
  file(STRINGS /proc/cpuinfo softcuda_avx512 REGEX "avx512bw.*avx512vl" LIMIT_COUNT 1)
endif()
if(KRONGAUSS_PORTABLE OR softcuda_avx512)
  list(APPEND softcuda_translated_isas v4)
endif()

# softcuda_translation(target file.ptx ...): the shared library `target` with the kernels of these files.
function(softcuda_translation target)
  set(work ${CMAKE_CURRENT_BINARY_DIR}/${target})
  file(MAKE_DIRECTORY ${work})
  set(declarations "")
  set(list "")
  set(objects "")
  foreach(isa ${softcuda_translated_isas})
    set(sources "")
    foreach(ptx ${ARGN})
      get_filename_component(name ${ptx} NAME_WE)
      set(source ${work}/${name}_${isa}.cpp)
      add_custom_command(OUTPUT ${source} DEPENDS softcuda_translate ${ptx} ${softcuda_handlers}
        COMMAND softcuda_translate ${isa} ${softcuda_folder}/exec/ops ${ptx} ${name} ${source} COMMENT "Translating ${name} for ${isa}")
      list(APPEND sources ${source})
      string(APPEND declarations "namespace ${isa} { extern const TranslatedFile translated_${name}; }\n")
      string(APPEND list "    ${isa}::translated_${name},\n")
    endforeach()
    add_library(${target}_${isa} OBJECT ${sources})
    target_include_directories(${target}_${isa} PRIVATE ${softcuda_folder})
    target_compile_options(${target}_${isa} PRIVATE ${softcuda_translated_flags} -march=x86-64-${isa})
    if(isa STREQUAL v4)
      target_compile_options(${target}_${isa} PRIVATE -mprefer-vector-width=512)
    endif()
    list(APPEND objects $<TARGET_OBJECTS:${target}_${isa}>)
  endforeach()
  file(CONFIGURE OUTPUT ${work}/table.cpp @ONLY CONTENT "#include \"exec/translation.h\"
namespace softcuda {
@declarations@
namespace {
const TranslatedLibrary& library() {
  static const TranslatedFile files[] = {
@list@  };
  static const TranslatedLibrary all = {translation_layout(), files, sizeof files / sizeof *files};
  return all;
}
}
}
extern \"C\" __attribute__((visibility(\"default\"))) const softcuda::TranslatedLibrary* softcuda_translations() { return &softcuda::library(); }
")
  add_library(${target} SHARED ${work}/table.cpp ${objects})
  target_include_directories(${target} PRIVATE ${softcuda_folder})
  target_link_options(${target} PRIVATE -Wl,--no-undefined)
  list(TRANSFORM softcuda_translated_isas PREPEND ${target}_ OUTPUT_VARIABLE isa_targets)
  set_target_properties(${target} ${isa_targets} PROPERTIES
    CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# The project's own kernels, where native/build was given them. Left out are the files whose kernels are calls of a library in a run and
# take the compiler longer than all others together, for nothing: their time goes into runs of multiply-adds, which the interpreter has
# as one operation (the tiled product: 14.0 GFLOP/s interpreted, 13.9 translated). congruence and kronecker serve small networks only.
set(softcuda_untranslated chain cholesky cholesky_columns congruence gradient gram kronecker matmul matmul_tensor solve)
set(KRONGAUSS_KERNELS "" CACHE PATH "folder with the kernels' PTX; empty: they are not translated")
if(KRONGAUSS_KERNELS)
  file(GLOB softcuda_kernels CONFIGURE_DEPENDS ${KRONGAUSS_KERNELS}/*.ptx)
  foreach(name ${softcuda_untranslated})
    list(FILTER softcuda_kernels EXCLUDE REGEX "/${name}\\.ptx$")
  endforeach()
  if(NOT softcuda_kernels)
    message(FATAL_ERROR "no PTX in ${KRONGAUSS_KERNELS}: kernels/build makes it")
  endif()
  softcuda_translation(softcuda_kernels ${softcuda_kernels})
endif()
