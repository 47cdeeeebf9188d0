# Kernels as C++ in a library that the engine opens when it runs without checks. See README.md beside this file.
add_executable(softcuda_translate ${CMAKE_CURRENT_LIST_DIR}/blocks.cpp ${CMAKE_CURRENT_LIST_DIR}/translate.cpp ${CMAKE_CURRENT_LIST_DIR}/writer.cpp)
target_compile_features(softcuda_translate PRIVATE cxx_std_17)
target_compile_options(softcuda_translate PRIVATE ${softcuda_warnings})
target_link_libraries(softcuda_translate PRIVATE softcuda_engine)

set(softcuda_folder ${CMAKE_CURRENT_LIST_DIR}/..)
file(GLOB softcuda_handlers CONFIGURE_DEPENDS ${softcuda_folder}/exec/ops/*)
set(softcuda_translated_flags ${softcuda_flags} -Wno-all -Wno-extra)

set(softcuda_first_run ${CMAKE_CURRENT_LIST_DIR}/first_run.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${softcuda_first_run})
file(STRINGS ${softcuda_first_run} softcuda_first_names REGEX "^[^#]")
list(JOIN softcuda_first_names "|" softcuda_first_pattern)

# softcuda_parts(result file.ptx): "all", or where some of the file's kernels are those of the first run "first" and "rest". A build for the
# first run has "first" alone, so that a later one for all compiles none of its kernels again.
function(softcuda_parts result ptx)
  set(parts all)
  file(STRINGS ${ptx} first REGEX "\\.entry +(${softcuda_first_pattern})\\(" LIMIT_COUNT 1)
  if(first)
    set(parts first rest)
  endif()
  if(KRONGAUSS_FOR STREQUAL first-run)
    list(REMOVE_ITEM parts all rest)
  endif()
  set(${result} ${parts} PARENT_SCOPE)
endfunction()

# softcuda_translated_source(result target isa file.ptx part): the command that writes C++ of the file's kernels, or of those of a part.
function(softcuda_translated_source result target isa ptx part)
  get_filename_component(name ${ptx} NAME_WE)
  set(choice "")
  if(NOT part STREQUAL all)
    string(APPEND name _${part})
    set(choice $<IF:$<STREQUAL:${part},first>,only,without> ${softcuda_first_run})
  endif()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}/${name}_${isa}.cpp)
  add_custom_command(OUTPUT ${source} DEPENDS softcuda_translate ${ptx} ${softcuda_first_run} ${softcuda_handlers}
    COMMAND softcuda_translate ${isa} ${softcuda_folder}/exec/ops ${ptx} ${name} ${source} ${choice} COMMENT "Translating ${name} for ${isa}")
  set(${result} ${source} PARENT_SCOPE)
endfunction()

# softcuda_translation(target file.ptx ...): the shared library `target` with the kernels of these files, for the instruction sets behind ISAS.
# PARTS: in the parts of the first run and the rest.
function(softcuda_translation target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PARTS" "" "ISAS")
  set(work ${CMAKE_CURRENT_BINARY_DIR}/${target})
  file(MAKE_DIRECTORY ${work})
  set(declarations "")
  set(list "")
  set(objects "")
  foreach(isa ${arg_ISAS})
    set(sources "")
    foreach(ptx ${arg_UNPARSED_ARGUMENTS})
      set(parts all)
      if(arg_PARTS)
        softcuda_parts(parts ${ptx})
      endif()
      foreach(part IN LISTS parts)
        softcuda_translated_source(source ${target} ${isa} ${ptx} ${part})
        list(APPEND sources ${source})
        get_filename_component(name ${source} NAME_WE)
        string(REGEX REPLACE "_${isa}$" "" name ${name})
        string(APPEND declarations "namespace ${isa} { extern const TranslatedFile translated_${name}; }\n")
        string(APPEND list "    ${isa}::translated_${name},\n")
      endforeach()
    endforeach()
    add_library(${target}_${isa} OBJECT ${sources})
    target_include_directories(${target}_${isa} PRIVATE ${softcuda_folder})
    softcuda_isa_flags(isa_flags ${isa})
    target_compile_options(${target}_${isa} PRIVATE ${softcuda_translated_flags} ${isa_flags})
    krongauss_headers(${target}_${isa} <immintrin.h> <memory> <string> <unordered_map> <vector>)
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
  list(TRANSFORM arg_ISAS PREPEND ${target}_ OUTPUT_VARIABLE isa_targets)
  set_target_properties(${target} ${isa_targets} PROPERTIES
    CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# The project's own kernels, where native/build was given them. Left out are the files whose kernels are calls of a library in a run and
# take the compiler longer than all others together, for nothing: their time goes into runs of multiply-adds, which the interpreter has
# as one operation (the tiled product: 14.0 GFLOP/s interpreted, 13.9 translated). congruence and kronecker serve small networks only.
set(softcuda_untranslated chain cholesky cholesky_columns congruence gradient gram kronecker matmul matmul_tensor solve tangents)
set(KRONGAUSS_KERNELS "" CACHE PATH "folder with the kernels' PTX; empty: they are not translated")
if(KRONGAUSS_KERNELS)
  file(GLOB softcuda_kernels CONFIGURE_DEPENDS ${KRONGAUSS_KERNELS}/*.ptx)
  foreach(name ${softcuda_untranslated})
    list(FILTER softcuda_kernels EXCLUDE REGEX "/${name}\\.ptx$")
  endforeach()
  if(NOT softcuda_kernels)
    message(FATAL_ERROR "no PTX in ${KRONGAUSS_KERNELS}: kernels/build makes it")
  endif()
  softcuda_translation(softcuda_kernels PARTS ${softcuda_kernels} ISAS ${krongauss_translated_isas})
endif()
