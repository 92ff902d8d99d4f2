# SPDX-License-Identifier: Apache-2.0
# What `./bootstrap demo` runs, and programs that show the library.

