# SPDX-License-Identifier: Apache-2.0
# The program. One line a file.

bin_PROGRAMS += pref
pref_SOURCES =
pref_SOURCES += cmd/alone.c
pref_SOURCES += cmd/alone.h
pref_SOURCES += cmd/args.c
pref_SOURCES += cmd/args.h
pref_SOURCES += cmd/check.c
pref_SOURCES += cmd/columns.c
pref_SOURCES += cmd/columns.h
pref_SOURCES += cmd/complete.c
pref_SOURCES += cmd/complete.h
pref_SOURCES += cmd/drive.c
pref_SOURCES += cmd/drive.h
pref_SOURCES += cmd/filter.c
pref_SOURCES += cmd/help.c
pref_SOURCES += cmd/inputs.c
pref_SOURCES += cmd/inputs.h
pref_SOURCES += cmd/judges.c
pref_SOURCES += cmd/judges/measure.c
pref_SOURCES += cmd/judges/measure.h
pref_SOURCES += cmd/judges/print.c
pref_SOURCES += cmd/judges/print.h
pref_SOURCES += cmd/loo.c
pref_SOURCES += cmd/main.c
pref_SOURCES += cmd/merge.c
pref_SOURCES += cmd/models.c
pref_SOURCES += cmd/models/groups.c
pref_SOURCES += cmd/models/groups.h
pref_SOURCES += cmd/models/groups_print.c
pref_SOURCES += cmd/models/load.c
pref_SOURCES += cmd/models/load.h
pref_SOURCES += cmd/models/measure.c
pref_SOURCES += cmd/models/measure.h
pref_SOURCES += cmd/models/print.c
pref_SOURCES += cmd/models/print.h
pref_SOURCES += cmd/one_fit.c
pref_SOURCES += cmd/one_fit.h
pref_SOURCES += cmd/progress.c
pref_SOURCES += cmd/progress.h
pref_SOURCES += cmd/say.c
pref_SOURCES += cmd/say.h
pref_SOURCES += cmd/shard.c
pref_SOURCES += cmd/shard.h
pref_SOURCES += cmd/shard/cut.c
pref_SOURCES += cmd/shard/cut.h
pref_SOURCES += cmd/shard/dir.c
pref_SOURCES += cmd/shard/dir.h
pref_SOURCES += cmd/shard/filter.c
pref_SOURCES += cmd/shard/manifest.c
pref_SOURCES += cmd/shard/manifest.h
pref_SOURCES += cmd/shard/names.c
pref_SOURCES += cmd/shard/names.h
pref_SOURCES += cmd/shard/options.c
pref_SOURCES += cmd/shard/split.c
pref_SOURCES += cmd/shard/split.h
pref_SOURCES += cmd/shard/strata.c
pref_SOURCES += cmd/shard/strata.h
pref_SOURCES += cmd/shard/verify.c
pref_SOURCES += cmd/shard/writer.c
pref_SOURCES += cmd/shard/writer.h
pref_SOURCES += cmd/signals.c
pref_SOURCES += cmd/signals.h
pref_SOURCES += cmd/table.c
pref_SOURCES += cmd/table.h
pref_SOURCES += cmd/version.c
pref_SOURCES += cmd/version.h

pref_CPPFLAGS = $(AM_CPPFLAGS) -DPREF_MAN_DIR='"$(mandir)"'
pref_LDADD = libpreffilters.la libprefcore.la

# The completion scripts are what the program prints of its own tables. A cross build cannot run it:
# there PREF_FOR_BUILD may name a pref that runs here; without one they are left out.
if HAVE_PREF_FOR_BUILD
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
nodist_bashcomp_DATA = cmd/completions/pref
nodist_zshcomp_DATA = cmd/completions/_pref

cmd/completions/pref: pref$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) cmd/completions && $(PREF_FOR_BUILD) help --completion bash >$@.new
	$(AM_V_at)mv -f $@.new $@
cmd/completions/_pref: pref$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) cmd/completions && $(PREF_FOR_BUILD) help --completion zsh >$@.new
	$(AM_V_at)mv -f $@.new $@
CLEANFILES += cmd/completions/pref cmd/completions/pref.new
CLEANFILES += cmd/completions/_pref cmd/completions/_pref.new
endif
