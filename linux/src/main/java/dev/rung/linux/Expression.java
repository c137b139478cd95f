package dev.rung.linux;

import org.jspecify.annotations.Nullable;

/**
 * One step of a packet rule (linux/netfilter/nf_tables.h). A rule's steps run in order until one
 * does not match. Registers 1 to 4 hold 16 bytes each; 8 to 23 are the same room in pieces of four
 * bytes, so 9 is the second piece of 1.
 */
public sealed interface Expression {
    int META_IIFNAME = 6;
    int META_OIFNAME = 7;
    int META_NFPROTO = 15;
    int META_L4PROTO = 16;
    int CT_STATE = 0;
    int CT_STATUS = 2;
    int NETWORK_HEADER = 1;
    int TRANSPORT_HEADER = 2;

    /** Loads a fact about the packet, by one of the META_ keys. */
    record Meta(int key, int register) implements Expression {}

    /** Loads a fact about its connection, by one of the CT_ keys. */
    record Connection(int key, int register) implements Expression {}

    /**
     * Goes on for packets of a connection that is known, or that belongs to one; in the form that
     * the iptables program writes, so that it can read chains of its own that hold it.
     */
    record KnownConnection() implements Expression {}

    /** Loads bytes of the packet. */
    record Payload(int base, int offset, int length, int register) implements Expression {}

    /**
     * Writes bytes of a register over the transport header or what follows it, and keeps the
     * checksum right.
     *
     * @param checksum where in that header the checksum is
     */
    record Write(int offset, int length, int register, int checksum) implements Expression {}

    /** Puts a value in a register. */
    record Load(int register, byte[] value) implements Expression {}

    /** Keeps the bits of as many bytes of a register that the mask has. */
    record Mask(int register, byte[] mask) implements Expression {}

    /** Goes on if the register equals the value, or does not. */
    record Compare(int register, boolean equal, byte[] value) implements Expression {}

    /**
     * Goes on if the set holds what lies from the register on, or does not. With a map, the value
     * found goes to the target register.
     */
    record Lookup(String set, int register, boolean contained, @Nullable Integer target)
            implements Expression {}

    /** Loads what kind of address the destination is: 2 is one of this host. */
    record DestinationKind(int register) implements Expression {}

    /** Sends the packet to the address and port in these registers; the family is AF_INET or 6. */
    record Redirect(int family, int address, int port) implements Expression {}

    /** Gives the packet the address of the link it leaves by. */
    record Masquerade() implements Expression {}

    /** Counts packets and bytes. */
    record Counter() implements Expression {}

    /** Ends the rule. */
    record Verdict(Kind kind, String chain) implements Expression {
        public static final Verdict ACCEPT = new Verdict(Kind.ACCEPT, "");
        public static final Verdict DROP = new Verdict(Kind.DROP, "");
        public static final Verdict RETURN = new Verdict(Kind.RETURN, "");

        public static Verdict jump(String chain) {
            return new Verdict(Kind.JUMP, chain);
        }

        /** Numbers of linux/netfilter.h and nf_tables.h. */
        public enum Kind {
            DROP(0),
            ACCEPT(1),
            JUMP(-3),
            RETURN(-5);

            final int code;

            Kind(int code) {
                this.code = code;
            }
        }
    }
}
