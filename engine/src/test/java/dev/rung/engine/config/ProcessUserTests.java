package dev.rung.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessUserTests {
    private static final String PASSWD =
            "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1001::/home/joe:/bin/sh\nbad line\n";
    private static final String GROUP = "root:x:0:\nmore:x:55:ann,joe\njoe:x:1001:\n";

    @Test
    void shouldBeRootByDefault() {
        assertThat(find("")).isEqualTo(new ProcessUser(0, 0, List.of(0L)));
        assertThat(ProcessUser.find("", "", "", List.of()))
                .isEqualTo(new ProcessUser(0, 0, List.of(0L)));
    }

    @Test
    void shouldFindAUserWithGroups() {
        assertThat(find("joe")).isEqualTo(new ProcessUser(1000, 1001, List.of(1001L, 55L)));
        assertThat(find("1000")).isEqualTo(find("joe"));
    }

    @Test
    void shouldLeaveOtherGroupsOutWhenOneIsGiven() {
        assertThat(find("joe:more")).isEqualTo(new ProcessUser(1000, 55, List.of(55L)));
        assertThat(find("joe:7")).isEqualTo(new ProcessUser(1000, 7, List.of(7L)));
    }

    @Test
    void shouldTakeAnyNumber() {
        assertThat(find("4321")).isEqualTo(new ProcessUser(4321, 0, List.of(0L)));
        assertThat(find("4321:8")).isEqualTo(new ProcessUser(4321, 8, List.of(8L)));
    }

    @Test
    void shouldAddGroups() {
        assertThat(ProcessUser.find("joe", PASSWD, GROUP, List.of("77", "more")).groups())
                .containsExactly(1001L, 55L, 77L);
    }

    /** CVE-2024-40635: one past 32 bits must not come out as root. */
    @Test
    void shouldRefuseNumbersThatOverflow() {
        for (String user :
                List.of("4294967296", "2147483648", "0:4294967296", "99999999999999999999")) {
            assertThatThrownBy(() -> find(user))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessage("uids and gids must be in range 0-2147483647");
        }
    }

    /** CVE-2026-46680: a kubelet that wants nobody to be root has looked at the number. */
    @Test
    void shouldNotTakeANumberForAName() {
        String passwd = "1000:x:0:0::/:/bin/sh\n99999999999999999999:x:0:0::/:/bin/sh\n" + PASSWD;
        String group = "7:x:0:\n" + GROUP;

        assertThat(ProcessUser.find("1000", passwd, group, List.of())).isEqualTo(find("joe"));
        assertThat(ProcessUser.find("01000", passwd, group, List.of())).isEqualTo(find("joe"));
        assertThat(ProcessUser.find("joe:7", passwd, group, List.of("7")))
                .isEqualTo(new ProcessUser(1000, 7, List.of(7L)));
        assertThatThrownBy(() -> ProcessUser.find("99999999999999999999", passwd, group, List.of()))
                .hasMessage("uids and gids must be in range 0-2147483647");
    }

    /** CVE-2026-47262. */
    @Test
    void shouldReadFilesThatAreAllNamesOrAllLines() {
        String names = "all:x:5:" + ",a".repeat(400_000) + ",joe\n";
        String lines = "a\n".repeat(400_000) + "last:x:6:joe";
        assertThat(ProcessUser.find("joe", PASSWD, names + lines, List.of()).groups())
                .containsExactly(1001L, 5L, 6L);

        var many = new StringBuilder();
        for (int i = 0; i < 70_000; i++) {
            many.append("g:x:").append(i).append(":joe\n");
        }
        assertThatThrownBy(() -> ProcessUser.find("joe", PASSWD, many.toString(), List.of()))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("user joe is in more than 65536 groups");
    }

    @Test
    void shouldRefuseUnknownNames() {
        assertThatThrownBy(() -> find("nobody"))
                .hasMessage("unable to find user nobody: no matching entries in passwd file");
        assertThatThrownBy(() -> find("joe:nogroup"))
                .hasMessage("unable to find group nogroup: no matching entries in group file");
    }

    private static ProcessUser find(String user) {
        return ProcessUser.find(user, PASSWD, GROUP, List.of());
    }

    @Test
    void shouldFindWhereAUserIsAtHome() {
        String passwd =
                "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1000::/home/joe:/bin/sh\nx:x:7:7::";

        assertThat(ProcessUser.home(0, passwd)).isEqualTo("/root");
        assertThat(ProcessUser.home(1000, passwd)).isEqualTo("/home/joe");
        assertThat(ProcessUser.home(7, passwd)).isEqualTo("/");
        assertThat(ProcessUser.home(8, passwd)).isEqualTo("/");
    }
}
