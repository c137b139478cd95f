package dev.rung.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RuntimeWordsTests {
    @Test
    void shouldTakeTheLastMessageOfALog() {
        String printed = "level=warning msg=\"a\"\ntime=x level=error msg=\"no \\\"b\\\"\"\n";
        assertThat(RuntimeWords.of(printed, 1)).isEqualTo("no \"b\"");
    }

    @Test
    void shouldSayInWordsWhatAMonitorHasANumberFor() {
        assertThat(RuntimeWords.of("rung-monitor: opening the log: errno 28", 1))
                .isEqualTo("rung-monitor: opening the log: no space left on device");
        assertThat(RuntimeWords.of("runc: errno 28", 1)).isEqualTo("runc: errno 28");
    }
}
