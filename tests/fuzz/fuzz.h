/* SPDX-License-Identifier: Apache-2.0
 * What fuzz targets share. A target is one file tests/fuzz/<name>.c that defines
 * LLVMFuzzerTestOneInput; `make fuzz` links it with libFuzzer, every other build with
 * replay.c, so that seeds and saved crashes are part of the ordinary tests.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
