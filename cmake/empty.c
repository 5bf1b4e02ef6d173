// SPDX-License-Identifier: Apache-2.0
// Stands in for a folder that has no source file yet: a library needs one.
typedef int shoal_empty;
