/* SPDX-License-Identifier: Apache-2.0
 * What this processor can do, as a text: objects run where the text is equal.
 */
#pragma once

const char *shoal_cpu_key(void);
