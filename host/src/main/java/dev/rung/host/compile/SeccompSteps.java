package dev.rung.host.compile;

import dev.rung.program.Bytes;
import dev.rung.program.CredentialStep.Seccomp;

/**
 * A filter of system calls, ready to be installed.
 *
 * @param flags of seccomp(2)
 * @param filter struct sock_filter, one after another
 * @param listens whether somebody is to answer for some of the calls
 */
@SuppressWarnings("ArrayRecordComponent")
record SeccompSteps(long flags, byte[] filter, boolean listens) {
    void install(Script s) {
        s.at("linux.seccomp", "unable to init seccomp");
        s.add(new Seccomp(flags, Bytes.of(filter)));
    }
}
