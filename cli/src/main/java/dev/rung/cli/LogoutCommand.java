package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;

final class LogoutCommand implements Command {
    @Override
    public String name() {
        return "logout";
    }

    @Override
    public String words() {
        return "[SERVER]";
    }

    @Override
    public String about() {
        return "Log out from a registry";
    }

    @Override
    public int least() {
        return 0;
    }

    @Override
    public int most() {
        return 1;
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
