# training.mk - `make -f training/training.mk trained`, which `make` does by itself (Makefile.inc): builds the program
# once more in training-build/, with counters in it, lets it work (training.sh), and leaves what was counted beside the
# objects, as *.gcda, where the compiler looks for it. For GNU make, as is everything that configure sees the need of.
include Makefile

program_objects = $(zonetap_OBJECTS) $(libzonetap_a_OBJECTS)
counting_objects = $(program_objects:%=training-build/%)
counts = $(program_objects:.o=.gcda)
# What changes the shape of a function before it is counted must be as in the build that uses the counts: the flags
# are the same but for those of the link. Warnings are for that build, too.
counting = $(ZT_CFLAGS) $(AX_PTHREAD_FLAGS) $(CFLAGS) -fno-lto -w

trained: training-build/zonetap training-build/make_capture
	@rm -f $(counts)
	@timeout 300 $(SHELL) $(srcdir)/training/training.sh $(abs_top_srcdir) training-build >training-build/log 2>&1 || \
		{ rm -f $(counts); exit 1; }
	@rm -rf training-build

training-build/zonetap: $(counting_objects)
	$(AM_V_CCLD)$(CC) $(counting) -fprofile-generate $(zonetap_LDFLAGS) $(LDFLAGS) -o $@ $(counting_objects) \
		$(filter-out libzonetap.a,$(LDADD)) $(LIBS)

# The compiler finds a static function's counts by the name of the object, among others: it is told the later one's.
training-build/%.o: %.c
	@$(MKDIR_P) $(@D) $(*D)
	$(AM_V_CC)$(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(counting) -fprofile-generate \
		-dumpbase $*.c -dumpbase-ext .c -c -o $@ $<

training-build/make_capture: tests/bench/make_capture.c
	@$(MKDIR_P) $(@D)
	$(AM_V_CCLD)$(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(counting) $(zonetap_LDFLAGS) $(LDFLAGS) -o $@ $< $(LIBS)

# For the tests: the compiler finds the counts of every function of a file, when it is called as for its object.
found:
	@said=`$(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -w -Wmissing-profile -fno-lto \
		-S -o src/net/stream.s $(srcdir)/src/net/stream.c 2>&1`; status=$$?; rm -f src/net/stream.s; \
		echo "$$said"; test $$status = 0 && test -z "$$said"
