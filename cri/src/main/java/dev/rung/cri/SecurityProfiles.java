package dev.rung.cri;

import dev.rung.cri.v1.LinuxContainerSecurityContext;
import dev.rung.cri.v1.SecurityProfile;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** seccomp, AppArmor and SELinux as a container asks for them, as Docker's --security-opt. */
final class SecurityProfiles {
    private static final Path APPARMOR = Path.of("/sys/module/apparmor/parameters/enabled");
    private static final String LOCALHOST = "localhost/";
    private static final String RUNTIME_DEFAULT = "runtime/default";
    private static final long LONGEST_PROFILE = 4 << 20;

    private final LinuxContainerSecurityContext security;

    SecurityProfiles(LinuxContainerSecurityContext security) {
        this.security = security;
    }

    List<String> options() {
        var options = new ArrayList<String>();
        if (!security.getPrivileged()) {
            options.add(seccomp());
        }
        options.removeIf(String::isEmpty);
        apparmor();
        selinux();
        return options;
    }

    /** Empty: the engine's own profile. What is not asked for is unconfined, as CRI has it. */
    private String seccomp() {
        if (security.hasSeccomp()) {
            SecurityProfile profile = security.getSeccomp();
            return switch (profile.getProfileType()) {
                case RuntimeDefault -> "";
                case Unconfined -> "seccomp=unconfined";
                case Localhost -> "seccomp=" + read(profile.getLocalhostRef());
                case UNRECOGNIZED -> throw unknown("seccomp", profile);
            };
        }
        String path = security.getSeccompProfilePath();
        return switch (path) {
            case "", "unconfined" -> "seccomp=unconfined";
            case RUNTIME_DEFAULT, "docker/default" -> "";
            default -> {
                if (!path.startsWith(LOCALHOST)) {
                    throw new Failure.Invalid(
                            "config.linux.security_context.seccomp_profile_path: "
                                    + Printable.of(path)
                                    + " is no profile");
                }
                yield "seccomp=" + read(path.substring(LOCALHOST.length()));
            }
        };
    }

    private static String read(String path) {
        String plain = path.startsWith(LOCALHOST) ? path.substring(LOCALHOST.length()) : path;
        try {
            Path file = Path.of(plain);
            if (plain.indexOf('\0') >= 0 || !file.isAbsolute() || !Files.isRegularFile(file)) {
                throw new Failure.Invalid(
                        "config.linux.security_context.seccomp.localhost_ref: "
                                + Printable.of(plain)
                                + " is no file");
            } else if (Files.size(file) > LONGEST_PROFILE) {
                throw new Failure.Invalid(
                        "seccomp profile " + Printable.of(plain) + " is too long");
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Failure.HostRefused(
                    "read seccomp profile \"" + Printable.of(plain) + "\": " + e.getMessage(), e);
        }
    }

    /** A machine without AppArmor has no profiles; who asks for one is not to run without. */
    private void apparmor() {
        boolean asked;
        if (security.hasApparmor()) {
            SecurityProfile profile = security.getApparmor();
            asked = profile.getProfileType() == SecurityProfile.ProfileType.Localhost;
            if (profile.getProfileType() == SecurityProfile.ProfileType.UNRECOGNIZED) {
                throw unknown("apparmor", profile);
            }
        } else {
            String name = security.getApparmorProfile();
            asked = name.startsWith(LOCALHOST);
            if (!asked
                    && !name.isEmpty()
                    && !name.equals("unconfined")
                    && !name.equals(RUNTIME_DEFAULT)) {
                throw new Failure.Invalid(
                        "config.linux.security_context.apparmor_profile: "
                                + Printable.of(name)
                                + " is no profile");
            }
        }
        if (asked) {
            throw new Failure.Unsupported(
                    Files.exists(APPARMOR)
                            ? "config.linux.security_context.apparmor: profiles of the host are not"
                                    + " given to containers yet"
                            : "config.linux.security_context.apparmor: this kernel has no"
                                    + " AppArmor");
        }
    }

    private void selinux() {
        boolean asked =
                security.hasSelinuxOptions()
                        && security.getSelinuxOptions().getSerializedSize() > 0;
        if (asked
                && !security.getPrivileged()
                && Files.exists(Path.of("/sys/fs/selinux/enforce"))) {
            throw new Failure.Unsupported(
                    "config.linux.security_context.selinux_options: Rung gives containers no"
                            + " labels");
        }
    }

    private static Failure.Invalid unknown(String what, SecurityProfile profile) {
        return new Failure.Invalid(
                "config.linux.security_context."
                        + what
                        + ": unknown profile type "
                        + profile.getProfileTypeValue());
    }
}
