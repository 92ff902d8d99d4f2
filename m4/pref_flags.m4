dnl SPDX-License-Identifier: Apache-2.0
dnl
dnl PREF_CFLAG(VARIABLE, FLAG): append FLAG to VARIABLE if the C compiler takes it without
dnl complaint. -Werror is on during the test, because clang only warns of flags it ignores.
AC_DEFUN([PREF_CFLAG], [
  AS_VAR_PUSHDEF([cachevar], [pref_cv_cflag_$2])
  AC_CACHE_CHECK([whether $CC accepts $2], [cachevar], [
    pref_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
      [AS_VAR_SET([cachevar], [yes])], [AS_VAR_SET([cachevar], [no])])
    CFLAGS=$pref_saved_CFLAGS
  ])
  AS_VAR_IF([cachevar], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([cachevar])
])

dnl PREF_LDFLAG(VARIABLE, FLAG, [CFLAG]): the same for the linker, with CFLAG while compiling.
AC_DEFUN([PREF_LDFLAG], [
  AS_VAR_PUSHDEF([cachevar], [pref_cv_ldflag_$2])
  AC_CACHE_CHECK([whether the linker accepts $2], [cachevar], [
    pref_saved_CFLAGS=$CFLAGS
    pref_saved_LDFLAGS=$LDFLAGS
    CFLAGS="$CFLAGS -Werror $3"
    LDFLAGS="$LDFLAGS $2"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
      [AS_VAR_SET([cachevar], [yes])], [AS_VAR_SET([cachevar], [no])])
    CFLAGS=$pref_saved_CFLAGS
    LDFLAGS=$pref_saved_LDFLAGS
  ])
  AS_VAR_IF([cachevar], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([cachevar])
])
