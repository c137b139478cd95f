package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;

final class LogoutCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "logout", "[SERVER]", "Log out from a registry", WordCount.between(0, 1));
    }

    @Override
    public List<String> examples() {
        return List.of("logout registry.example.com");
    }

    @Override
    public Ending run(Invocation call) {
        String registry = LoginCommand.registry(call.words());
        boolean known = PersonalConfig.of(call).erase(registry);
        call.out(
                (known ? "Removing login credentials for " : "Not logged in to ")
                        + registry
                        + "\n");
        return DONE;
    }
}
