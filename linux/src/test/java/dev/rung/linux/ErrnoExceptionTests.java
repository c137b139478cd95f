package dev.rung.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.Errno;
import org.junit.jupiter.api.Test;

class ErrnoExceptionTests {
    @Test
    void shouldSayWhatFailedOnWhat() {
        assertThat(new ErrnoException("openat2", "/x", Errno.EACCES))
                .hasMessage("openat2 \"/x\": permission denied");
        assertThat(new ErrnoException("socketpair", "", Errno.EMFILE))
                .hasMessage("socketpair: too many open files");
    }
}
