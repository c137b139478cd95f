package dev.rung.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrnoTests {
    @Test
    void shouldNameNumbersAndNumberNames() {
        assertThat(Errno.name(2)).isEqualTo("ENOENT");
        assertThat(Errno.name(133)).isEqualTo("EHWPOISON");
        assertThat(Errno.name(0)).isEqualTo("errno 0");
        assertThat(Errno.name(4711)).isEqualTo("errno 4711");
        for (int errno = 1; errno < 140; errno++) {
            if (!Errno.name(errno).startsWith("errno")) {
                assertThat(Errno.number(Errno.name(errno))).isEqualTo(errno);
            }
        }
        assertThat(Errno.number("EIEIO")).isZero();
        assertThat(Errno.number("ENO")).isZero();
        assertThat(Errno.number("EOPNOTSUPP")).isEqualTo(Errno.EOPNOTSUPP);
    }

    @Test
    void shouldSayErrorsAsStrerrorAndAsGoDo() {
        assertThat(Errno.text(Errno.EACCES)).isEqualTo("Permission denied");
        assertThat(Errno.phrase(Errno.EACCES)).isEqualTo("permission denied");
        assertThat(Errno.text(133)).isEqualTo("Memory page has hardware error");
        assertThat(Errno.phrase(68)).isEqualTo("advertise error");
        assertThat(Errno.phrase(73)).isEqualTo("RFS specific error");
        assertThat(Errno.text(41)).isEqualTo("Unknown error 41");
    }
}
