/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mathfn.h - exp, log and the logistic function, the same to the last bit on every machine.
 *
 * The C library's own differ between libraries, versions and processors in their last bit, and a
 * result that is compared byte for byte cannot afford that. These use + - * / and integers alone,
 * in a fixed order, which IEEE 754 doubles and -ffp-contract=off make deterministic (rounding to
 * nearest is assumed, as C starts with). Square roots may be the library's: IEEE 754 fixes them.
 *
 * Errors are in units in the last place (ulp) of the exact result; the unit test measures them.
 */
#ifndef PREF_MATHFN_H
#define PREF_MATHFN_H

/* e^x within 0.75 ulp (1 ulp where the result is subnormal). Above 709.78... it is +infinity, below
 * -745.13... 0; a NaN stays one. */
double pref_exp(double x);

/* The natural logarithm within 1 ulp. Of 1 it is +0, of 0 -infinity, of +infinity itself, of a
 * negative number or a NaN a NaN. */
double pref_log(double x);

/* The logistic function 1 / (1 + e^-x) within 2 ulp, from 0 (at -infinity) to 1: the probability
 * that a margin x on the log-odds scale stands for. A NaN stays one. */
double pref_sigmoid(double x);

#endif
