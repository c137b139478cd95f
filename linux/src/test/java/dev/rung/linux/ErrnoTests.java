package dev.rung.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrnoTests {
    @Test
    void shouldKnowNamesAndTexts() {
        assertThat(Errno.name(Errno.ENOENT)).isEqualTo("ENOENT");
        assertThat(Errno.text(Errno.ENOENT)).isEqualTo("no such file or directory");
        assertThat(Errno.text(Errno.EPERM)).isEqualTo("operation not permitted");
        assertThat(Errno.text(8)).isEqualTo("exec format error");
        assertThat(Errno.name(133)).isEqualTo("EHWPOISON");
        assertThat(Errno.name(0)).isEqualTo("errno 0");
        assertThat(Errno.text(-3)).isEqualTo("errno -3");
        assertThat(Errno.text(4711)).isEqualTo("errno 4711");
    }

    @Test
    void shouldSayWhatFailedOnWhat() {
        assertThat(new ErrnoException("openat2", "/x", Errno.EACCES))
                .hasMessage("openat2 \"/x\": permission denied");
        assertThat(new ErrnoException("socketpair", "", Errno.EMFILE))
                .hasMessage("socketpair: too many open files");
    }
}
