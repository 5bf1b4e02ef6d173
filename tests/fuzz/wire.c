/* SPDX-License-Identifier: Apache-2.0
 * libFuzzer target of the reader of messages between ranks: whatever the bytes are, it
 * refuses them or makes a table that holds all invariants. The first byte chooses what
 * the reader expects; the rest is the message. tests/unit/t_wire.c replays what was
 * found.
 */
#include "fuzz.h"
#include "wire_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return wire_fuzz_one(data, size);
}
