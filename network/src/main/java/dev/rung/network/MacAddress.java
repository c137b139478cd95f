package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The address of a network link, six bytes; printed as 02:42:ac:11:00:02. */
public record MacAddress(long value) {
    private static final int BYTES = 6;
    private static final HexFormat TEXT = HexFormat.ofDelimiter(":");
    private static final long LOCAL = 0x0242_0000_0000L; // administered locally, as Docker's are

    public static MacAddress parse(String text) {
        try {
            byte[] bytes = TEXT.parseHex(text);
            if (bytes.length == BYTES && (bytes[0] & 1) == 0) {
                return of(bytes);
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new Failure.Invalid(
                "invalid MAC address \"%s\": want six bytes such as 02:42:ac:11:00:02"
                        .formatted(Printable.of(text)));
    }

    /**
     * The one that belongs to an IPv4 address: whoever gets the address next has the same, so that
     * neighbours who remember it are not wrong.
     */
    static MacAddress of(InetAddress v4) {
        byte[] address = v4.getAddress();
        long value = LOCAL;
        for (int i = 0; i < address.length; i++) {
            value |= (address[i] & 0xffL) << Byte.SIZE * (address.length - 1 - i);
        }
        return new MacAddress(value);
    }

    public static MacAddress random(SecureRandom random) {
        return new MacAddress(LOCAL | random.nextLong() & 0xffff_ffffL);
    }

    public byte[] toBytes() {
        var bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) (value >> Byte.SIZE * (BYTES - 1 - i));
        }
        return bytes;
    }

    @Override
    public String toString() {
        return TEXT.formatHex(toBytes());
    }

    private static MacAddress of(byte[] bytes) {
        long value = 0;
        for (byte b : bytes) {
            value = value << Byte.SIZE | b & 0xff;
        }
        return new MacAddress(value);
    }
}
