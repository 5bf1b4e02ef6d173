# Asks one interpreter for everything that comes from Python: its own headers, and the
# mpi.h, libmpi_abi and libmpi of the mpich wheel installed beside it.
#   SHOAL_PYTHON_INCLUDE SHOAL_MPI_INCLUDE SHOAL_MPI_LIBRARY SHOAL_MPICH_LIBRARY
if(NOT SHOAL_PYTHON)
  if(Python_EXECUTABLE) # given by scikit-build-core
    set(SHOAL_PYTHON ${Python_EXECUTABLE})
  else()
    find_program(SHOAL_PYTHON NAMES python3.11 python3 REQUIRED)
  endif()
endif()
execute_process(
  COMMAND ${SHOAL_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/find_python.py
  OUTPUT_VARIABLE found
  RESULT_VARIABLE status
  OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${SHOAL_PYTHON} cannot be used; `make setup` prepares one")
endif()
list(GET found 0 SHOAL_PYTHON_INCLUDE)
list(GET found 1 SHOAL_MPI_INCLUDE)
list(GET found 2 SHOAL_MPI_LIBRARY)
list(GET found 3 SHOAL_MPICH_LIBRARY)
