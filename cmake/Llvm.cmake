# LLVM 19: SHOAL_LLVM_INCLUDE (folder of llvm-c/) and SHOAL_LLVM_LIBRARY (libLLVM).
if(NOT SHOAL_LLVM_CONFIG)
  find_program(found_llvm_config NAMES llvm-config-19 PATHS /usr/lib/llvm-19/bin)
  if(NOT found_llvm_config)
    message(FATAL_ERROR "llvm-config-19 is missing: apt-get install llvm-19-dev")
  endif()
  set(SHOAL_LLVM_CONFIG ${found_llvm_config})
endif()
execute_process(COMMAND ${SHOAL_LLVM_CONFIG} --includedir --libdir
  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" found "${found}")
list(GET found 0 SHOAL_LLVM_INCLUDE)
list(GET found 1 found_libdir)
find_library(SHOAL_LLVM_LIBRARY NAMES LLVM-19 LLVM PATHS ${found_libdir} NO_DEFAULT_PATH
  REQUIRED)
