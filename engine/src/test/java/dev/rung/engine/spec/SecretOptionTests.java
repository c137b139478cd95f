package dev.rung.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import org.junit.jupiter.api.Test;

class SecretOptionTests {
    @Test
    void shouldReadPodmansWords() {
        assertThat(SecretOption.parse("pw"))
                .isEqualTo(new SecretOption("pw", SecretOption.Type.MOUNT, "pw", 0, 0, 0444));
        assertThat(SecretOption.parse("pw,target=/etc/x,uid=5,gid=6,mode=0400"))
                .isEqualTo(new SecretOption("pw", SecretOption.Type.MOUNT, "/etc/x", 5, 6, 0400));
        assertThat(SecretOption.parse("source=pw,type=env,target=KEY"))
                .isEqualTo(new SecretOption("pw", SecretOption.Type.ENV, "KEY", 0, 0, 0444));
        assertThat(SecretOption.parse("pw").path()).isEqualTo("/run/secrets/pw");
        assertThat(SecretOption.parse("pw,target=/a").path()).isEqualTo("/a");
    }

    @Test
    void shouldRefuseWhatLeadsOutOrSaysNothing() {
        for (String wrong :
                new String[] {
                    "",
                    "pw,target=../x",
                    "pw,target=a/../../x",
                    "pw,mode=9",
                    "pw,uid=-1",
                    "pw,type=socket",
                    "pw,type=env,target=A=B",
                    "pw,what=x",
                    "pw,target=a/"
                }) {
            assertThatThrownBy(() -> SecretOption.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(Failure.Invalid.class);
        }
    }
}
