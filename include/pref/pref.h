/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pref.h - the whole of libpref in one include, for programs outside this tree: <pref/pref.h>.
 * libpref(3) is the introduction; each header is the reference of its own functions.
 *
 *   base buf                      words everyone speaks, and a buffer that grows
 *   number mathfn share           numbers: text, functions, shares
 *   accumulator correlation       exact sums, and what they say of two that vary together
 *   buckets                       the counts behind quantiles
 *   hash key keyset               what makes values equal
 *   words shingle shingle_set     texts as words, and as words in a row; sets of these
 *   shape scan                    what is wanted of a record, and the one pass that finds it
 *   edit record flip consensus    changes, the pair record, its two sides, its votes
 *   dawid_skene logistic          the reliability of judges: from votes alone, from labels
 *   source reread sink fit        streams, and what was learnt as a file
 *   option oracle filter run      a filter, what it may have, and the engine that runs it
 *
 * C++ must include this header rather than the ones below: it alone says that they are C.
 */
#ifndef PREF_PREF_H
#define PREF_PREF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "accumulator.h"
#include "base.h"
#include "buckets.h"
#include "buf.h"
#include "consensus.h"
#include "correlation.h"
#include "dawid_skene.h"
#include "edit.h"
#include "filter.h"
#include "fit.h"
#include "flip.h"
#include "grade.h"
#include "hash.h"
#include "key.h"
#include "keyset.h"
#include "logistic.h"
#include "mathfn.h"
#include "number.h"
#include "option.h"
#include "oracle.h"
#include "record.h"
#include "reread.h"
#include "run.h"
#include "scan.h"
#include "score.h"
#include "shape.h"
#include "share.h"
#include "shingle.h"
#include "shingle_set.h"
#include "sink.h"
#include "source.h"
#include "words.h"

#ifdef __cplusplus
}
#endif

#endif
