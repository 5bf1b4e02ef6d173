# The interface target shoal_flags: what every C file of the project is compiled with.
add_library(shoal_flags INTERFACE)
target_compile_definitions(shoal_flags INTERFACE _GNU_SOURCE
  SHOAL_VERSION="${PROJECT_VERSION}")
target_include_directories(shoal_flags INTERFACE ${PROJECT_SOURCE_DIR}/src
  ${PROJECT_SOURCE_DIR}/include)
target_compile_options(shoal_flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wwrite-strings -Wpointer-arith -Wvla -Wundef -Wformat=2
  -Wimplicit-fallthrough -Wdouble-promotion -Wcast-qual -Wconversion -fno-common
  -fno-math-errno)
if(SHOAL_DEVELOPER)
  target_compile_options(shoal_flags INTERFACE -Werror)
endif()
if(SHOAL_MARCH)
  target_compile_options(shoal_flags INTERFACE -march=${SHOAL_MARCH})
endif()
if(SHOAL_SANITIZE)
  target_compile_options(shoal_flags INTERFACE -fsanitize=${SHOAL_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(shoal_flags INTERFACE -fsanitize=${SHOAL_SANITIZE})
endif()
if(SHOAL_COVERAGE)
  target_compile_options(shoal_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(shoal_flags INTERFACE --coverage)
endif()
