package dev.rung.resident;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The bytes of a request inside a frame. */
final class RequestFormat {
    private static final int TERMINAL_IN = 1;
    private static final int TERMINAL_OUT = 2;
    private static final int TERMINAL_ERR = 4;

    private RequestFormat() {}

    static void write(Request request, FrameWriter to) {
        Request.Terminals terminals = request.terminals();
        to.u32(Frame.VERSION);
        to.u32(
                (terminals.in() ? TERMINAL_IN : 0)
                        | (terminals.out() ? TERMINAL_OUT : 0)
                        | (terminals.err() ? TERMINAL_ERR : 0));
        to.u32(request.pid()).u32(request.uid()).u32(request.gid()).u32(request.umask());
        Request.Capabilities capabilities = request.capabilities();
        to.u64(capabilities.effective()).u64(capabilities.permitted());
        to.u64(capabilities.bounding()).u64(capabilities.inheritable());
        to.u32(request.inheritedDescriptors()).strings(request.arguments());
        to.u32(request.environment().size());
        for (Map.Entry<String, String> variable : request.environment().entrySet()) {
            to.string(variable.getKey() + "=" + variable.getValue());
        }
        to.string(request.workingDirectory());
    }

    static Request read(FrameReader from) {
        int version = from.u32();
        if (version != Frame.VERSION) {
            throw new ConversationLost("a front end of version " + version);
        }
        int flags = from.u32();
        int pid = from.u32();
        int uid = from.u32();
        int gid = from.u32();
        int umask = from.u32();
        var capabilities = new Request.Capabilities(from.u64(), from.u64(), from.u64(), from.u64());
        int inherited = from.u32();
        List<String> arguments = from.texts();
        Map<String, String> environment = environment(from.texts());
        String workingDirectory = from.text();
        return new Request(
                arguments,
                environment,
                workingDirectory,
                pid,
                uid,
                gid,
                umask,
                new Request.Terminals(
                        (flags & TERMINAL_IN) != 0,
                        (flags & TERMINAL_OUT) != 0,
                        (flags & TERMINAL_ERR) != 0),
                capabilities,
                inherited);
    }

    /** Of two with the same name the first counts, as for getenv(3). */
    private static Map<String, String> environment(List<String> variables) {
        var environment = new LinkedHashMap<String, String>();
        for (String variable : variables) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                environment.putIfAbsent(
                        variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return environment;
    }
}
