package dev.rung.rpc.websocket;

/**
 * What the peer sent, put together from its fragments.
 *
 * @param payload UTF-8 where it is text
 */
public record Message(Kind kind, byte[] payload) {
    public enum Kind {
        TEXT(1),
        BINARY(2);

        private final int opcode;

        Kind(int opcode) {
            this.opcode = opcode;
        }

        int opcode() {
            return opcode;
        }
    }
}
